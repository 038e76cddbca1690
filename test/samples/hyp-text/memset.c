// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Calls nobody wrote: the compiler clears and copies what is large with the
 * kernel's memset and memcpy, which lie in .text.
 * Fine: what is small is done with stores.
 */
#include "../include/hyp.h"

struct large {
	u64 words[128];
};

struct small {
	u64 words[3];
};

HOST void *memset(void *to, int byte, size_t size)
{
	for (volatile u8 *at = to; size; size--)
		*at++ = byte;
	return to;
}

HOST void *memcpy(void *to, const void *from, size_t size)
{
	const volatile u8 *source = from;

	for (volatile u8 *at = to; size; size--)
		*at++ = *source++;
	return to;
}

__hyp_text u64 clears_large(struct large *to, int index)
{
	*to = (struct large){ { 0 } };		/* WARN hyp-instrumentation 'memset' */
	return to->words[index];
}
HYP_ENTRY(clears_large);

__hyp_text u64 copies_large(struct large *to, const struct large *from)
{
	*to = *from;				/* WARN hyp-instrumentation 'memcpy' */
	return to->words[1];
}
HYP_ENTRY(copies_large);

__hyp_text u64 clears_small(struct small *to)
{
	*to = (struct small){ { 0 } };
	return to->words[1];
}
HYP_ENTRY(clears_small);

__hyp_text u64 copies_small(struct small *to, const struct small *from)
{
	*to = *from;
	return to->words[1];
}
HYP_ENTRY(copies_small);
