// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Static keys in both polarities, alone and combined. KEYS gives the layout of
 * the table (24 bytes absolute, 16 relative) or none (keys read as data).
 */
#include "../include/caps.h"

DEFINE_CAPS;
struct static_key unrelated_key;

#define vhe_key		(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN])
#define other_key	(&cpu_hwcap_keys[ARM64_HAS_OTHER])
#define next_key	(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN + 1])

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

/* Two calls of one function would be merged into one where they meet. */
HOST void host_call_too(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __inline_always void stay(u64 number)
{
	asm volatile("hint #40" : : "r" (number));
}

__hyp_text void unlikely_true(void)
{
	stay(1);
	if (static_branch_unlikely(vhe_key))
		host_call(1);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(unlikely_true);

__hyp_text void unlikely_false(void)
{
	stay(1);
	if (!static_branch_unlikely(vhe_key))
		host_call(2);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(unlikely_false);

__hyp_text void likely_true(void)
{
	stay(1);
	if (static_branch_likely(vhe_key))
		host_call(3);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(likely_true);

__hyp_text void likely_false(void)
{
	stay(1);
	if (!static_branch_likely(vhe_key))
		host_call(4);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(likely_false);

/* The capabilities are known before hyp code runs: the other side is dead. */
__hyp_text void not_ready(void)
{
	stay(1);
	if (!static_branch_likely(&arm64_const_caps_ready))
		host_call(5);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(not_ready);

__hyp_text void ready(void)
{
	stay(1);
	if (static_branch_likely(&arm64_const_caps_ready))
		host_call(6);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(ready);

__hyp_text void guarded(void)
{
	stay(1);
	if (has_vhe())
		host_call(7);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(guarded);

__hyp_text void guarded_inverted(void)
{
	stay(1);
	if (!has_vhe())
		host_call(8);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(guarded_inverted);

__hyp_text void both_sides(void)
{
	if (has_vhe()) {
		stay(1);
		host_call(9);			/* VHE hyp-call 'host_call' */
	} else {
		stay(2);
		host_call_too(10);		/* WARN hyp-call 'host_call_too' */
	}
	stay(3);
}
HYP_ENTRY(both_sides);

__hyp_text void after_the_guard(void)
{
	if (has_vhe())
		stay(1);
	stay(2);
	host_call(11);				/* WARN hyp-call 'host_call' */
	stay(3);
}
HYP_ENTRY(after_the_guard);

__hyp_text void returns_early(void)
{
	if (!has_vhe())
		return;
	stay(1);
	host_call(12);				/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(returns_early);

__hyp_text void returns_early_inverted(void)
{
	if (has_vhe())
		return;
	stay(1);
	host_call(13);				/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(returns_early_inverted);

__hyp_text void other_capability(void)
{
	stay(1);
	if (has_other())
		host_call(14);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(other_capability);

__hyp_text void next_capability(void)
{
	stay(1);
	if (static_branch_unlikely(next_key))
		host_call(15);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(next_capability);

__hyp_text void no_capability(void)
{
	stay(1);
	if (static_branch_unlikely(&unrelated_key))
		host_call(16);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(no_capability);

__hyp_text void vhe_and_other(void)
{
	stay(1);
	if (static_branch_unlikely(vhe_key) && static_branch_unlikely(other_key))
		host_call(17);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(vhe_and_other);

__hyp_text void other_and_vhe(void)
{
	stay(1);
	if (static_branch_unlikely(other_key) && static_branch_unlikely(vhe_key))
		host_call(18);			/* VHE hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(other_and_vhe);

__hyp_text void vhe_or_other(void)
{
	stay(1);
	if (static_branch_unlikely(vhe_key) || static_branch_unlikely(other_key))
		host_call(19);			/* WARN hyp-call 'host_call' */
	stay(2);
}
HYP_ENTRY(vhe_or_other);

__hyp_text void in_a_loop(u64 count)
{
	while (count--) {
		stay(count);
		if (static_branch_unlikely(vhe_key)) {
			host_call(20);		/* VHE hyp-call 'host_call' */
			break;
		}
	}
	stay(2);
}
HYP_ENTRY(in_a_loop);

__hyp_text void in_a_loop_inverted(u64 count)
{
	while (count--) {
		stay(count);
		if (!static_branch_unlikely(vhe_key)) {
			host_call(21);		/* WARN hyp-call 'host_call' */
			break;
		}
	}
	stay(2);
}
HYP_ENTRY(in_a_loop_inverted);
