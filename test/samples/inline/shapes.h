/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Declarations whose parts stand in unusual places, and a helper that asks for
 * VHE itself. One line is Latin-1, as in old headers: könnte.
 */
#ifndef SAMPLES_INLINE_SHAPES_H
#define SAMPLES_INLINE_SHAPES_H

#include "words.h"

#ifdef __ASSEMBLY__
	.macro	no_c, { (
#endif

static inline u64 behind_assembly(u64 value) { mark(1); return value + 1; }

/* naïve */ static inline u64 latin_1(u64 value)
{
	mark(2);
	return value + 2;
}

static inline u64 (*returns_function(u64 value))(u64)
{
	mark(3);
	return (u64 (*)(u64))(value + 3);
}

static inline u64 (in_parentheses)(u64 value)
{
	mark(4);
	return value + 4;
}

#define another_name	renamed
static inline u64 another_name(u64 value)
{
	mark(5);
	return value + 5;
}

#define NAMED(name)	named_##name
static inline u64 NAMED(by_macro)(u64 value)
{
	mark(6);
	return value + 6;
}

#define hint_of(type)	static inline type
hint_of(u64) words_by_macro(u64 value)
{
	mark(7);
	return value + 7;
}

#ifdef NOT_DEFINED
static inline u32
#else
static inline u64
#endif
both_branches(u64 value)
{
	mark(8);
	return value + 8;
}

/* Only with VHE, and only without: once asks_vhe() is inlined, one of them is called. */
static inline u64 with_vhe(u64 value)
{
	mark(9);
	return value + 9;
}

static inline u64 without_vhe(u64 value)
{
	mark(10);
	return value + 10;
}

static inline u64 asks_vhe(u64 value)
{
	mark(11);
	return has_vhe() ? with_vhe(value) : without_vhe(value);
}

/* With VHE and without: what both read is read once, and counts as the first one's. */
static __always_inline void store_low_bits(struct vcpu *vcpu, u64 value)
{
	vcpu->registers[3] = value;
	mark(12);
}

static inline void shares_with_vhe(struct vcpu *vcpu)
{
	u64 value = vcpu->fault, other = vcpu->registers[7];

	mark(13);
	vcpu->registers[1] = other * 3;
	vcpu->registers[2] = value / 5;
	vcpu->registers[4] = other << 3;
	store_low_bits(vcpu, value & 7);
	mark(14);
}

static inline void shares_without_vhe(struct vcpu *vcpu)
{
	u64 value = vcpu->fault, other = vcpu->registers[7];

	mark(15);
	vcpu->registers[5] = other + 2;
	store_low_bits(vcpu, value & 7);
	mark(16);
}

/* Leaves no instruction, but is called all the same once its caller alone is inlined by force. */
static inline u64 *place_of_fault(struct vcpu *vcpu)
{
	return &vcpu->fault;
}

static inline u64 reads_fault(struct vcpu *vcpu)
{
	mark(19);
	return *place_of_fault(vcpu);
}

#endif
