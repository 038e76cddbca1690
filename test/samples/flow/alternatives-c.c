// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Alternatives in C: a patched branch as a guard, and a register whose choice
 * between two system registers comes before a call.
 */
#include "../include/caps.h"
#include "../include/alternative.h"

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __inline_always bool patched_to_branch_vhe(void)
{
	asm goto(ALTERNATIVE("nop", "b %l[yes]", 11) : : : : yes);
	return 0;
yes:
	return 1;
}

static __inline_always bool patched_to_branch_other(void)
{
	asm goto(ALTERNATIVE("nop", "b %l[yes]", 20) : : : : yes);
	return 0;
yes:
	return 1;
}

static __inline_always bool patched_from_branch_vhe(void)
{
	asm goto(ALTERNATIVE("b %l[no]", "nop", 11) : : : : no);
	return 1;
no:
	return 0;
}

__hyp_text u64 guarded(u64 value)
{
	if (patched_to_branch_vhe())
		host_call(1);			/* VHE hyp-call 'host_call' */
	return value + 1;
}
HYP_ENTRY(guarded);

__hyp_text u64 guarded_inverted(u64 value)
{
	if (!patched_to_branch_vhe())
		host_call(2);			/* WARN hyp-call 'host_call' */
	return value + 2;
}
HYP_ENTRY(guarded_inverted);

__hyp_text u64 guarded_by_other(u64 value)
{
	if (patched_to_branch_other())
		host_call(3);			/* WARN hyp-call 'host_call' */
	return value + 3;
}
HYP_ENTRY(guarded_by_other);

__hyp_text u64 guarded_from(u64 value)
{
	if (patched_from_branch_vhe())
		host_call(4);			/* VHE hyp-call 'host_call' */
	return value + 4;
}
HYP_ENTRY(guarded_from);

__hyp_text u64 guarded_from_inverted(u64 value)
{
	if (!patched_from_branch_vhe())
		host_call(5);			/* WARN hyp-call 'host_call' */
	return value + 5;
}
HYP_ENTRY(guarded_from_inverted);

__hyp_text u64 register_chosen(void)
{
	u64 value;

	asm volatile(ALTERNATIVE("mrs %0, spsr_el1", "mrs %0, s3_5_c4_c0_0", 11) : "=r" (value));
	if (value)
		host_call(6);			/* WARN hyp-call 'host_call' */
	return value + 6;
}
HYP_ENTRY(register_chosen);
