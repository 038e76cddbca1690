// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Values that differ by the path into a place which the branch of another
 * capability's key enters as well: on some of these paths has_vhe() does not
 * decide any more. Behind the place a function is called, so that what was
 * known in front of it is asked for again when that one comes back.
 */
#include "../include/caps.h"

DEFINE_CAPS;

#define has_vhe()	static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN])
#define has_other()	static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_OTHER])

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __opaque __hyp_text u64 tripled(u64 value)
{
	return value * 3;
}

__hyp_text void replaced_on_one_path(u64 a, u64 b, u64 *p)
{
	u64 choice = has_vhe();

	if (a)
		choice = b & 1;
	if (a || has_other()) {
		p[0] = tripled(p[1]);
		if (choice)
			host_call(1);		/* WARN hyp-call 'host_call' */
		p[2] = choice;
	}
}
HYP_ENTRY(replaced_on_one_path);

__hyp_text void kept_on_all_paths(u64 a, u64 b, u64 *p)
{
	u64 choice = has_vhe();

	if (a)
		p[3] = b & 1;
	if (a || has_other()) {
		p[0] = tripled(p[1]);
		if (choice)
			host_call(2);		/* VHE hyp-call 'host_call' */
		p[2] = a;
	}
}
HYP_ENTRY(kept_on_all_paths);

__hyp_text void by_goto(u64 a, u64 b, u64 *p)
{
	u64 choice = has_vhe();

	if (p[2] & 1) {
		choice = p[3] & 1;
		goto out;
	}
	if (!has_other())
		return;
out:
	p[0] = tripled(b);
	if (choice)
		host_call(3);			/* WARN hyp-call 'host_call' */
	else
		p[1] = 0;
}
HYP_ENTRY(by_goto);

__hyp_text void by_early_return(u64 a, u64 b, u64 *p)
{
	u64 choice = has_vhe();

	if (p[2] & 1)
		choice = p[3] & 1;
	else if (__builtin_expect(!has_other(), 1))
		return;
	p[0] = tripled(b);
	if (choice)
		host_call(4);			/* WARN hyp-call 'host_call' */
	else
		p[1] = 0;
}
HYP_ENTRY(by_early_return);

__hyp_text void in_a_loop(u64 a, u64 b, u64 *p)
{
	u64 i;

	for (i = 0; i < b; i++) {
		u64 choice = has_vhe();

		if (p[i] & 2)
			choice = p[i + 1] & 4;
		else if (!has_other())
			continue;
		p[i + 5] = tripled(i);
		if (choice)
			host_call(5);		/* WARN hyp-call 'host_call' */
	}
}
HYP_ENTRY(in_a_loop);
