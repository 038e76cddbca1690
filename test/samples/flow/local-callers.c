// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * A function that only VHE's code calls is VHE's; one live caller, or its
 * address in the host's hands, makes it everybody's.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __opaque __hyp_text void only_vhe_calls(u64 value)
{
	host_call(value + 1);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void two_deep(u64 value)
{
	host_call(value + 2);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void one_deep(u64 value)
{
	two_deep(value + 1);
	asm volatile("");
}

static __opaque __hyp_text void both_call(u64 value)
{
	host_call(value + 3);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void nobody_else_calls(u64 value)
{
	host_call(value + 4);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void host_has_address(u64 value)
{
	host_call(value + 5);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}
HYP_ENTRY(host_has_address);

static __opaque __hyp_text void recursive_odd(u64 value);

static __opaque __hyp_text void recursive_even(u64 value)
{
	if (value)
		recursive_odd(value - 1);
	asm volatile("");
}

/* A ring that only VHE enters. */
static __opaque __hyp_text void recursive_odd(u64 value)
{
	if (value)
		recursive_even(value - 1);
	host_call(value + 6);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void tail_called(u64 value)
{
	host_call(value + 7);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void tail_called_by_all(u64 value)
{
	host_call(value + 8);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

__hyp_text void enters_vhe(u64 value)
{
	if (has_vhe()) {
		only_vhe_calls(value);
		one_deep(value);
		both_call(value);
		host_has_address(value);
		recursive_even(value);
	}
	asm volatile("");
}
HYP_ENTRY(enters_vhe);

__hyp_text void enters_nvhe(u64 value)
{
	if (!has_vhe()) {
		both_call(value);
		nobody_else_calls(value);
	}
	asm volatile("");
}
HYP_ENTRY(enters_nvhe);

__hyp_text void ends_in_vhe(u64 value)
{
	if (has_vhe())
		return tail_called(value);
	tail_called_by_all(value);
}
HYP_ENTRY(ends_in_vhe);
