// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Flags of the kernel that the Makefile of the nVHE code has to filter out: no
 * reference shows them. Nothing is known here of who executes what.
 */
#include "../../include/nvhe.h"

#define __noscs __attribute__((no_sanitize("shadow-call-stack")))
#define notrace __attribute__((patchable_function_entry(0)))

HYP notrace u64 pushes(u64 value)	/* WARN hyp-instrumentation '*' */
{
	u64 changed = value;

	asm volatile("" : "+r" (changed) : : "x30");
	return value * changed;
}

HYP u64 is_traced(u64 value)		/* WARN hyp-instrumentation '*' */
{
	return value + 1;
}

HYP __noscs notrace u64 is_spared(u64 value)
{
	return value + 2;
}
