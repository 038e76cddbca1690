/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Helpers in every style of declaration that kernels use. What is to be said of
 * each, in which build, stands in truth.txt.
 */
#ifndef SAMPLES_INLINE_HELPERS_H
#define SAMPLES_INLINE_HELPERS_H

#include "words.h"

static inline u64 plain(u64 value)
{
	mark(1);
	return value + 1;
}

inline static u64 inline_first(u64 value)
{
	mark(2);
	return value + 2;
}

static __inline__ u64 gnu_long_word(u64 value)
{
	mark(3);
	return value + 3;
}

static __inline u64 gnu_short_word(u64 value)
{
	mark(4);
	return value + 4;
}

static inline
u64 name_below(u64 value)
{
	mark(5);
	return value + 5;
}

static inline u64
type_above(u64 value)
{
	mark(6);
	return value + 6;
}

static
inline
u64
a_word_a_line(u64 value)
{
	mark(7);
	return value + 7;
}

static inline __attribute__((unused)) u64 attribute_between(u64 value)
{
	mark(8);
	return value + 8;
}

static __attribute__((unused, aligned(8))) inline u64 attribute_before(u64 value)
{
	mark(9);
	return value + 9;
}

static inline __maybe_unused __is_pure u64 macro_attributes(u64 value)
{
	return *(volatile u64 *)(value + 80);
}

static /* not static inline, in a comment */ inline /* a hint; really */ u64 commented(u64 value)
{
	mark(11);	/* plain(value); } */
	return value + 11;
}

static inline u64 *pointer_result(struct vcpu *vcpu, unsigned int number)
{
	mark(12);
	return &vcpu->registers[number];
}

static inline struct pair struct_result(u64 value)
{
	struct pair both = { value, value + 13 };

	mark(13);
	return both;
}

static u64 inline type_before(u64 value)
{
	mark(14);
	return value + 14;
}

static inline u64 announced(u64 value);

static u64 announced(u64 value)
{
	mark(15);
	return value + 15;
}

static u64 announced_plainly(u64 value);

static inline u64 announced_plainly(u64 value)
{
	mark(16);
	return value + 16;
}

static hint_word u64 word_of_subsystem(u64 value)
{
	mark(17);
	return value + 17;
}

static inline u64 function_parameter(u64 (*change)(u64), u64 value)
{
	mark(18);
	return change ? value + 18 : value;
}

#ifdef NOT_DEFINED
static inline u64 two_branches(u64 value)
{
	if (value) {
#else
static inline u64 two_branches(u64 value)
{
	{
#endif
		mark(19);
	}
	return value + 19;
}

	static inline	u64	tabs_everywhere(u64 value)
{
	mark(20);
	return value + 20;
}

/* « Größe », to have columns and bytes differ. */ static inline u64 not_ascii(u64 value)
{
	mark(21);
	return value + 21;
}

/* Helpers of helpers: hyp code calls the last one only. */
static inline u64 innermost(u64 value)
{
	mark(22);
	return value + 22;
}

static inline u64 in_the_middle(u64 value)
{
	mark(23);
	return innermost(value) + innermost(value + 1);
}

static inline u64 outermost(u64 value)
{
	mark(24);
	return in_the_middle(value);
}

/* Between an __always_inline one and hyp code there is nothing to decide; behind it there is. */
static inline u64 behind_always(u64 value)
{
	mark(25);
	return value + 25;
}

static __always_inline u64 always(u64 value)
{
	mark(26);
	return behind_always(value);
}

static always_word u64 always_by_word(u64 value)
{
	mark(27);
	return value + 27;
}

static inline __attribute__((always_inline)) u64 always_by_attribute(u64 value)
{
	mark(28);
	return value + 28;
}

static __always_inline u64 always_announced(u64 value);

static inline u64 always_announced(u64 value)
{
	mark(29);
	return value + 29;
}

#define DEFINE_ALWAYS(name, number)			\
static __always_inline u64 name(u64 value)		\
{							\
	mark(number);					\
	return value + number;				\
}

DEFINE_ALWAYS(always_by_macro, 30)

/* In hyp sections, wherever they are emitted. */
static inline __hyp_text u64 hyp_helper(u64 value)
{
	mark(31);
	return value + 31;
}

static inline hyp_word u64 hyp_by_word(u64 value)
{
	mark(32);
	return value + 32;
}

static inline u64 __in(".hyp.text") hyp_by_section(u64 value)
{
	mark(33);
	return value + 33;
}

#define hyp_select(name)	__maybe_unused u64 __hyp_text name(u64 value)

static hyp_select(hyp_by_macro)
{
	mark(34);
	return value + 34;
}

/* Only with VHE. */
static inline u64 vhe_inner(u64 value)
{
	mark(35);
	return value + 35;
}

static inline u64 vhe_helper(u64 value)
{
	mark(36);
	return vhe_inner(value);
}

/* With VHE and without. */
static inline u64 either_way(u64 value)
{
	mark(37);
	return value + 37;
}

/* Nothing is left of it where it is inlined. */
static inline unsigned int constant(void)
{
	return 3;
}

/* Parameters that the compiler takes apart: emitted as a clone with a suffix. */
static inline u64 takes_apart(struct vcpu *vcpu, int unused)
{
	mark(39);
	return vcpu->fault;
}

/* Host code alone. */
static inline u64 host_helper(u64 value)
{
	mark(40);
	return value + 40;
}

/* Nobody. */
static inline u64 unused_helper(u64 value)
{
	mark(41);
	return value + 41;
}

#endif
