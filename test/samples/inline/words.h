/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The words that declarations of helpers are made of, as a kernel has them in
 * include/linux/compiler*.h. INLINE_IS_ALWAYS is what kernels did before
 * `inline` became a hint.
 */
#ifndef SAMPLES_INLINE_WORDS_H
#define SAMPLES_INLINE_WORDS_H

#include "../include/caps.h"

#ifdef INLINE_IS_ALWAYS
#define inline			inline __attribute__((always_inline))
#endif

#define __always_inline		inline __attribute__((__always_inline__))
#define __maybe_unused		__attribute__((unused))
#define __is_pure		__attribute__((pure))

/* Words of one subsystem. */
#define hint_word		inline
#define always_word		__always_inline __maybe_unused
#define hyp_word		__hyp_text __maybe_unused

/* One instruction that no compiler moves, merges or drops; HINT is free above 63. */
#define mark(number)		asm volatile("hint #%c0" : : "i" (64 + (number)))

struct vcpu {
	u64 registers[31];
	u64 fault;
};

struct pair {
	u64 first, second;
};

#endif
