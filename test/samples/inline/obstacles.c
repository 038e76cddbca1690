// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Helpers whose declaration cannot be changed, and helpers of helpers that hyp
 * code cannot have at all.
 */
#include "words.h"
#include "include/uapi/swap.h"

HOST void host_function(u64 value)
{
	asm volatile("" : : "r" (value));
}

#define DEFINE_HELPER(name, number)			\
static inline u64 name(u64 value)			\
{							\
	mark(number);					\
	return value + number;				\
}

DEFINE_HELPER(made_by_macro, 61)

/* Emitted whether or not it is inlined. */
u64 emitted_anyway(u64 value)
{
	mark(62);
	return value + 62;
}

static inline u64 swaps(u64 value)
{
	mark(63);
	return swap_words(value);
}

__hyp_text u64 uses_obstacles(u64 value)
{
	value = made_by_macro(value);
	value = emitted_anyway(value);
	return swaps(value);
}
HYP_ENTRY(uses_obstacles);

static inline void calls_host(u64 value)
{
	mark(59);
	host_function(value);
	host_function(value + 1);
}

__hyp_text void uses_host(u64 value)
{
	calls_host(value);
	mark(58);
}
HYP_ENTRY(uses_host);
