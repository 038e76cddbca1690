// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * has_vhe() as a number: kept over calls, handed on, given back, counted with,
 * and merged with other conditions.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

HOST void host_call_too(u64 number)
{
	asm volatile("" : : "r" (number));
}

static __inline_always void stay(u64 number)
{
	asm volatile("hint #40" : : "r" (number));
}

static __opaque __hyp_text void other(u64 number)
{
	asm volatile("hint #41" : : "r" (number));
}

__hyp_text void over_a_call(u64 value)
{
	bool vhe = has_vhe();

	other(value);
	if (vhe)
		host_call(1);			/* VHE hyp-call 'host_call' */
	other(value + 1);
	if (!vhe)
		host_call_too(2);		/* WARN hyp-call 'host_call_too' */
	other(value + 2);
}
HYP_ENTRY(over_a_call);

__hyp_text void with_others(u64 value)
{
	if (has_other() && has_vhe() && value > 3)
		host_call(3);			/* VHE hyp-call 'host_call' */
	stay(1);
	if (has_other() && !has_vhe() && value > 3)
		host_call_too(4);		/* WARN hyp-call 'host_call_too' */
	stay(2);
}
HYP_ENTRY(with_others);

__hyp_text void as_loop_condition(u64 value)
{
	for (u64 at = 0; has_vhe() && at < value; at++)
		host_call(5);			/* VHE hyp-call 'host_call' */
	stay(1);
	for (u64 at = 0; !has_vhe() && at < value; at++)
		host_call_too(6);		/* WARN hyp-call 'host_call_too' */
	stay(2);
}
HYP_ENTRY(as_loop_condition);

__hyp_text u64 as_a_number(u64 value)
{
	u64 mode = has_vhe() ? 3 : 5;

	other(value);
	if (mode == 3)
		host_call(7);			/* VHE hyp-call 'host_call' */
	if (mode == 5)
		host_call_too(8);		/* WARN hyp-call 'host_call_too' */
	stay(1);
	return mode;
}
HYP_ENTRY(as_a_number);

static __opaque __hyp_text void handed_on(u64 value, bool vhe)
{
	other(value);
	if (vhe)
		host_call(9);			/* VHE hyp-call 'host_call' */
	stay(value);
	if (!vhe)
		host_call_too(10);		/* WARN hyp-call 'host_call_too' */
	stay(2);
}

__hyp_text void hands_on(u64 value)
{
	other(value);
	handed_on(value, has_vhe());
	stay(1);
}
HYP_ENTRY(hands_on);

static __opaque __hyp_text void handed_on_by_all(u64 value, bool vhe)
{
	other(value);
	if (vhe)
		host_call(11);			/* WARN hyp-call 'host_call' */
	stay(value);
}

__hyp_text void hands_on_true(u64 value)
{
	handed_on_by_all(value, 1);
	if (has_other())
		handed_on_by_all(value, has_vhe());
	stay(1);
}
HYP_ENTRY(hands_on_true);

static __opaque __hyp_text bool gives_back(void)
{
	return has_vhe();
}

static __opaque __hyp_text bool gives_back_too(u64 value)
{
	bool vhe = gives_back();

	stay(value);
	return vhe;
}

static __opaque __hyp_text u64 chooses(u64 value)
{
	return gives_back_too(value) ? 7 : value | 8;
}

__hyp_text void asks(u64 value)
{
	if (gives_back_too(value))
		host_call(12);			/* VHE hyp-call 'host_call' */
	stay(1);
	if (!gives_back_too(value + 1))
		host_call_too(13);		/* WARN hyp-call 'host_call_too' */
	stay(2);
	if (chooses(value) == 7)
		host_call(14);			/* VHE hyp-call 'host_call' */
	stay(3);
}
HYP_ENTRY(asks);

__hyp_text void as_flags(u64 value)
{
	u64 flags = (value & 0xf0) | (has_vhe() ? 1 : 0) | (has_other() ? 2 : 0);

	other(value);
	if (flags & 1)
		host_call(15);			/* VHE hyp-call 'host_call' */
	stay(1);
	if (flags & 2)
		host_call_too(16);		/* WARN hyp-call 'host_call_too' */
	stay(2);
}
HYP_ENTRY(as_flags);

__hyp_text u64 merged(u64 value, u64 more)
{
	u64 result = has_vhe() ? 1 : value & 2;

	stay(more);
	if (has_vhe())
		result |= 4;
	if (result & 5)
		host_call(17);			/* VHE hyp-call 'host_call' */
	stay(5);
	if (result & 2)
		host_call_too(18);		/* WARN hyp-call 'host_call_too' */
	return result;
}
HYP_ENTRY(merged);

__hyp_text void counted(void)
{
	int count = has_vhe() ? 4 : 0;

	while (count-- > 0) {
		host_call(19);			/* VHE hyp-call 'host_call' */
		stay(1);
	}
	count = has_vhe() ? 0 : 4;
	while (count-- > 0) {
		host_call_too(20);		/* WARN hyp-call 'host_call_too' */
		stay(2);
	}
}
HYP_ENTRY(counted);
