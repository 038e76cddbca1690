// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * KASAN with outlined checks: a call for each load and store.
 * Odd: the checks are not defined here, as the kernel has them in another file;
 * in whole inputs an undefined function is not hyp code.
 */
#include "../include/hyp.h"

__hyp_text u64 loads(const u64 *from)
{
	return *from + 1;			/* WARN hyp-instrumentation '__asan_load8_noabort' */
}
HYP_ENTRY(loads);

__hyp_text void stores(u32 *to)
{
	*to = 1;				/* WARN hyp-instrumentation '__asan_store4_noabort' */
}
HYP_ENTRY(stores);

__attribute__((no_sanitize_address))
__hyp_text u64 loads_unchecked(const u64 *from)
{
	return *from + 1;
}
HYP_ENTRY(loads_unchecked);

HOST u64 host_loads(const u64 *from)
{
	return *from + 1;
}
