// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * KCSAN: calls for memory accesses, in both call and tail-call form.
 */
#include "../include/hyp.h"

__hyp_text u64 loads(const u64 *from)
{
	return *from + 1;			/* WARN hyp-instrumentation '__tsan_read8' */
}
HYP_ENTRY(loads);

__attribute__((no_sanitize_thread))
__hyp_text u64 loads_unchecked(const u64 *from)
{
	return *from + 1;
}
HYP_ENTRY(loads_unchecked);

HOST u64 host_loads(const u64 *from)
{
	return *from + 1;
}
