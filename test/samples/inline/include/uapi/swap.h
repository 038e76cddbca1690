/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A header that user space has too. */
#ifndef SAMPLES_UAPI_SWAP_H
#define SAMPLES_UAPI_SWAP_H

static inline u32 swap_words(u32 value)
{
	mark(60);
	return (value >> 16) | (value << 16);
}

#endif
