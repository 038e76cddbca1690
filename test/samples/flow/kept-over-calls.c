// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Addresses in registers that a call leaves alone: gcc's -fipa-ra keeps one in
 * an argument register over a call of a leaf and hands it on later, and a
 * struct of two words comes back in x0 and x1. What is behind the address is
 * reached though no instruction between forms it again.
 */
#include "../include/caps.h"

DEFINE_CAPS;

#define has_vhe()	static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN])

typedef void action(u64 value);
typedef u64 consumer(u64 number, action *what);

struct operations {
	consumer *take;
};

struct pair {
	u64 number;
	action *what;
};

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __opaque __hyp_text u64 tripled(u64 value)
{
	return value * 3;
}

static __hyp_text void handed_on(u64 value)
{
	asm volatile("hint #40");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #40");
}

__hyp_text void over_a_leaf(u64 a, u64 b, struct operations *operations, u64 *p)
{
	action *what = handed_on;

	asm volatile("" : "+r" (what));
	p[0] = tripled(b);
	operations->take(1, what);
}
HYP_ENTRY(over_a_leaf);

static __hyp_text void in_second_register(u64 value)
{
	asm volatile("hint #41");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #41");
}

static __opaque __hyp_text struct pair two_words(u64 number)
{
	struct pair pair = { number + 1, in_second_register };

	return pair;
}

__hyp_text void straight_on(u64 a, struct operations *operations)
{
	struct pair pair = two_words(a);

	operations->take(pair.number, pair.what);
}
HYP_ENTRY(straight_on);

static __hyp_text void handed_on_with_vhe(u64 value)
{
	asm volatile("hint #42");
	host_call(value);			/* VHE hyp-call 'host_call' */
	asm volatile("hint #42");
}

__hyp_text void over_a_leaf_with_vhe(u64 a, u64 b, struct operations *operations, u64 *p)
{
	if (has_vhe()) {
		action *what = handed_on_with_vhe;

		asm volatile("" : "+r" (what));
		p[0] = tripled(b);
		operations->take(1, what);
	}
	p[1] = 0;
}
HYP_ENTRY(over_a_leaf_with_vhe);
