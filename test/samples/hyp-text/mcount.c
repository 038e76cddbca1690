// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ftrace the old way: a call at the head of each function that is not notrace.
 */
#include "../include/hyp.h"

HOST __attribute__((no_instrument_function)) void _mcount(void *from)
{
	asm volatile("" : : "r" (from));
}

__hyp_text u64 is_traced(u64 value)
{						/* WARN hyp-instrumentation '_mcount' */
	return value + 1;
}
HYP_ENTRY(is_traced);

__attribute__((no_instrument_function))
__hyp_text u64 is_notrace(u64 value)
{
	return value + 1;
}
HYP_ENTRY(is_notrace);

HOST u64 host_is_traced(u64 value)
{
	return value + 1;
}
