// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Nothing here calls anything: the compiler was let do it. The callees have no
 * alias and are not there; in a whole image that is certain. `memset` has no
 * private copy in this link, `memcpy` has.
 */
#include "../../include/nvhe.h"

#define __plain __attribute__((no_sanitize_coverage, no_sanitize("undefined")))

struct large {
	u64 words[128];
};

HYP __plain void *memcpy(void *to, const void *from, size_t size)
{
	volatile u8 *at = to;

	for (const volatile u8 *source = from; size; size--)
		*at++ = *source++;
	return to;
}

HYP u64 is_covered(u64 value) { return value + 1; } /* WARN hyp-instrumentation '__sanitizer_cov_trace_pc' */

HYP __plain u64 is_not_covered(u64 value)
{
	return value + 1;
}

/* The descriptor has no symbol and lies in .data: see writable/nvhe-anonymous.S. */
HYP __attribute__((no_sanitize_coverage)) u64 shifts(u64 value, u64 by)
{
	return value << by;		/* WARN hyp-instrumentation '__ubsan_handle_shift_out_of_bounds' MAY hyp-instrumentation|hyp-section|hyp-data '*' */
}

HYP __plain u64 clears(struct large *to)
{
	*to = (struct large){ { 0 } };	/* WARN hyp-instrumentation 'memset' */
	return to->words[1];
}

HYP __plain u64 copies(struct large *to, const struct large *from)
{
	*to = *from;
	return to->words[1];
}
