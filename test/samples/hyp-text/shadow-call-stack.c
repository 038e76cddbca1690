// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The shadow call stack leaves no relocation: x30 is stored through x18, which EL2
 * has not set up. One finding a function, at its declaration.
 * Fine: what is marked, what saves no return address, what nobody executes, the
 * host, and another use of x18.
 */
#include "../include/hyp.h"

#define __noscs __attribute__((no_sanitize("shadow-call-stack")))

OUT_OF_LINE __noscs __hyp_text u64 leaf(u64 value)
{
	asm volatile("" : "+r" (value));
	return value + 2;
}

__hyp_text u64 pushes(u64 value)	/* WARN hyp-instrumentation '*' */
{
	return leaf(value) * leaf(value + 1);
}
HYP_ENTRY(pushes);

__hyp_text u64 pops_twice(u64 value)	/* WARN hyp-instrumentation '*' */
{
	if (leaf(value))
		return leaf(value + 1) + 1;
	asm volatile("nop");
	return leaf(value + 2) + leaf(value + 3);
}
HYP_ENTRY(pops_twice);

OUT_OF_LINE __hyp_text u64 is_called(u64 value)	/* WARN hyp-instrumentation '*' */
{
	return leaf(value) - leaf(value + 3);
}

__noscs __hyp_text u64 calls(u64 value)
{
	return is_called(value) + 1;
}
HYP_ENTRY(calls);

__hyp_text u64 needs_no_return_address(u64 value)
{
	return value + 1;
}
HYP_ENTRY(needs_no_return_address);

__used OUT_OF_LINE __hyp_text u64 nobody_calls(u64 value)
{
	return leaf(value) - leaf(value + 5);
}

__noscs __hyp_text void keeps_x18(u64 *context)
{
	asm volatile("str x18, [%0]\n\tldr x18, [%0]" : : "r" (context) : "memory");
}
HYP_ENTRY(keeps_x18);

HOST u64 host_pushes(u64 value)
{
	return leaf(value) * leaf(value + 7);
}
