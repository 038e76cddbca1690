// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * A computed goto: data names labels, and who does not read the table does not
 * come to them. And two capabilities of which one is off: what a comparison
 * leaves open of the other one.
 */
#include "../include/caps.h"

DEFINE_CAPS;

#define has_vhe()	static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN])

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

/* Two calls of one function would be merged into one where they meet. */
HOST void host_call_too(u64 number)
{
	asm volatile("" : : "r" (number), "r" (number + 1));
}

/* The labels are of use to who reads the table, and only VHE does. */
__hyp_text u64 computed_goto(u64 a, u64 *p)
{
	static const void *const arms[] = { &&first, &&second };

	if (has_vhe())
		goto *arms[a & 1];
	p[0]++;
	return 9;
first:
	host_call(1);				/* VHE hyp-call 'host_call' */
	return 1;
second:
	p[1]++;
	host_call_too(2);			/* VHE hyp-call 'host_call_too' */
	return 2;
}
HYP_ENTRY(computed_goto);

__hyp_text u64 computed_goto_for_all(u64 a, u64 *p)
{
	static const void *const arms[] = { &&first, &&second };

	goto *arms[a & 1];
first:
	p[0]++;
	host_call(3);				/* WARN hyp-call 'host_call' */
	return 1;
second:
	p[1]++;
	return 2;
}
HYP_ENTRY(computed_goto_for_all);

/* Of two bits one is off: the other is what is left. */
__hyp_text void bits_together(u64 *p)
{
	u64 both = cpu_hwcaps[0] & (1UL << ARM64_HAS_VIRT_HOST_EXTN | 1UL << ARM64_HAS_OTHER);

	if (!both)
		return;
	p[0]++;
	if (both == 1UL << ARM64_HAS_OTHER)
		host_call(4);			/* WARN hyp-call 'host_call' */
	else
		host_call_too(5);		/* VHE hyp-call 'host_call_too' */
	p[1]++;
}
HYP_ENTRY(bits_together);
