// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * KCOV puts a call at the head of each block.
 * Fine: a function without coverage, and host code.
 */
#include "../include/hyp.h"

#ifdef __clang__
#define __no_coverage	__attribute__((no_sanitize("coverage")))
#else
#define __no_coverage	__attribute__((no_sanitize_coverage))
#endif

HOST __no_coverage void __sanitizer_cov_trace_pc(void)
{
	asm volatile("");
}

/* On one line: gcc gives the call the first statement's, clang the brace's. */
__hyp_text u64 is_covered(u64 value) { return value + 1; } /* WARN hyp-instrumentation '__sanitizer_cov_trace_pc' */
HYP_ENTRY(is_covered);

__no_coverage
__hyp_text u64 is_not_covered(u64 value)
{
	return value + 1;
}
HYP_ENTRY(is_not_covered);

HOST u64 host_is_covered(u64 value)
{
	return value + 1;
}
