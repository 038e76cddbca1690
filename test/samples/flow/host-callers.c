// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What the host does with hyp functions: a call from it behind has_vhe() is VHE's
 * (5.4's `has_vhe() ? f() : kvm_call_hyp(f)` without the second half), a plain
 * one counts, an address that it takes counts. All local, so that nothing else
 * can reach them.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __opaque __hyp_text void called_behind_guard(u64 value)
{
	host_call(value + 1);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void called_plainly(u64 value)
{
	host_call(value + 2);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void address_taken(u64 value)
{
	host_call(value + 3);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void in_a_table(u64 value)
{
	host_call(value + 4);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void called_behind_wrong_guard(u64 value)
{
	host_call(value + 5);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void called_or_converted(u64 value)
{
	if (has_vhe()) {
		host_call(value + 6);		/* VHE hyp-call 'host_call' */
		return;
	}
	host_call(value + 7);			/* WARN hyp-call 'host_call' */
	asm volatile("");
}

static __opaque __hyp_text void converted_backwards(u64 value)
{
	if (!has_vhe()) {
		host_call(value + 8);		/* WARN hyp-call 'host_call' */
		return;
	}
	host_call(value + 9);			/* VHE hyp-call 'host_call' */
	asm volatile("");
}

static void (*const table[])(u64) __used = { in_a_table };

HOST void host_guards(u64 value)
{
	if (has_vhe())
		called_behind_guard(value);
	asm volatile("");
}

HOST void host_calls(u64 value)
{
	called_plainly(value);
	asm volatile("");
}

HOST void *host_takes(void)
{
	return address_taken;
}

u64 physvirt_offset = 1;

/* kvm_call_hyp(f): the linear alias of f, which is f and a distance found at boot. */
HOST u64 host_converts(u64 value)
{
	if (has_vhe()) {
		called_or_converted(value);
		return 0;
	}
	return (u64)called_or_converted - physvirt_offset;
}

HOST u64 host_converts_backwards(u64 value)
{
	return ((u64)converted_backwards & 0xffffffffffff) + physvirt_offset;
}

HOST void host_guards_wrongly(u64 value)
{
	if (!has_vhe())
		called_behind_wrong_guard(value);
	asm volatile("");
}
