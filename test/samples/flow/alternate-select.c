// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * 4.16's way to choose a function: both addresses are formed, and one `nop` is
 * patched into a move under the capability. Without VHE the second address goes
 * nowhere, so the function behind it is not reached. The getter is called or
 * inlined, and what it gives is branched to.
 */
#include "../include/caps.h"
#include "../include/alternative.h"

typedef void action(u64 value);

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

#define SELECT(name, original, alternate, cap)					\
	static __hyp_text action *name(void)					\
	{									\
		action *choice = original;					\
										\
		asm volatile(ALTERNATIVE("nop", "mov %0, %1", cap)		\
			     : "+r" (choice) : "r" (alternate));		\
		return choice;							\
	}

#define SELECT_CALLED(name, original, alternate, cap)				\
	static __opaque __hyp_text action *name(void)				\
	{									\
		action *choice = original;					\
										\
		asm volatile(ALTERNATIVE("nop", "mov %0, %1", cap)		\
			     : "+r" (choice) : "r" (alternate));		\
		return choice;							\
	}

static __hyp_text void quiet(u64 value)
{
	asm volatile("hint #40" : : "r" (value));
}

static __hyp_text void only_with_vhe(u64 value)
{
	asm volatile("hint #41");
	host_call(value);			/* VHE hyp-call 'host_call' */
	asm volatile("hint #41");
}
SELECT(select_inline, quiet, only_with_vhe, 11)

__hyp_text void selects(u64 value)
{
	select_inline()(value);
}
HYP_ENTRY(selects);

static __hyp_text void also_only_with_vhe(u64 value)
{
	asm volatile("hint #42");
	host_call(value);			/* VHE hyp-call 'host_call' */
	asm volatile("hint #42");
}
SELECT_CALLED(select_called, quiet, also_only_with_vhe, 11)

__hyp_text void selects_by_call(u64 value)
{
	select_called()(value);
}
HYP_ENTRY(selects_by_call);

static __hyp_text void only_without_vhe(u64 value)
{
	asm volatile("hint #43");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #43");
}
SELECT(select_inverted, only_without_vhe, quiet, 11)

__hyp_text void selects_inverted(u64 value)
{
	select_inverted()(value);
}
HYP_ENTRY(selects_inverted);

static __hyp_text void with_other(u64 value)
{
	asm volatile("hint #44");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #44");
}
SELECT_CALLED(select_other, quiet, with_other, 20)

__hyp_text void selects_other(u64 value)
{
	select_other()(value);
}
HYP_ENTRY(selects_other);

static __hyp_text void chosen_and_called(u64 value)
{
	asm volatile("hint #45");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #45");
}
SELECT(select_shared, quiet, chosen_and_called, 11)

__hyp_text void selects_shared(u64 value)
{
	select_shared()(value);
}
HYP_ENTRY(selects_shared);

/* Chosen under VHE there, but called by everybody here. */
__hyp_text void calls_it_too(u64 value)
{
	chosen_and_called(value + 1);
}
HYP_ENTRY(calls_it_too);
