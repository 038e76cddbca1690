// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * UBSAN: a call for the bad case, and a descriptor in .data that has no symbol
 * (a compiler-local label), whose address is handed to the call. Both are the
 * compiler's; the descriptor may or may not be told apart from the call.
 * Fine: a function that is not sanitized, and host code.
 */
#include "../include/hyp.h"

HOST __attribute__((no_sanitize("undefined")))
void __ubsan_handle_shift_out_of_bounds(void *descriptor, u64 left, u64 right)
{
	asm volatile("" : : "r" (descriptor), "r" (left), "r" (right));
}

__hyp_text u64 shifts(u64 value, u64 by)
{
	return value << by;		/* WARN hyp-instrumentation '__ubsan_handle_shift_out_of_bounds' MAY hyp-instrumentation '*' */
}
HYP_ENTRY(shifts);

__attribute__((no_sanitize("undefined")))
__hyp_text u64 shifts_freely(u64 value, u64 by)
{
	return value << by;
}
HYP_ENTRY(shifts_freely);

HOST u64 host_shifts(u64 value, u64 by)
{
	return value << by;
}
