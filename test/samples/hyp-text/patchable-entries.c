// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What tracing may patch a call of the host into: no relocation leaves hyp code,
 * but __patchable_function_entries lists the function. One finding a function, at
 * its declaration. Fine: what is marked, what nobody executes, the host.
 */
#include "../include/hyp.h"

#define notrace __attribute__((patchable_function_entry(0)))

__hyp_text u64 is_traced(u64 value)	/* WARN hyp-instrumentation '*' */
{
	return value + 1;
}
HYP_ENTRY(is_traced);

OUT_OF_LINE __hyp_text u64 is_called(u64 value)	/* WARN hyp-instrumentation '*' */
{
	return value + 2;
}

notrace __hyp_text u64 is_not_traced(u64 value)
{
	return is_called(value) + 2;
}
HYP_ENTRY(is_not_traced);

__used OUT_OF_LINE __hyp_text u64 nobody_calls(u64 value)
{
	return value + 3;
}

HOST u64 host_is_traced(u64 value)
{
	return value + 4;
}
