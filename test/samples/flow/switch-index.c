// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What a switch's index goes through before its table is read: a copy of 32 bits
 * that outlives what was compared (clang), bytes, differences, a loop; and the
 * table's base, which lies about in an argument register where an arm calls
 * something.
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

static __opaque __hyp_text void other(u64 number)
{
	asm volatile("hint #41" : : "r" (number));
}

#define ARM(number) \
	case number: asm volatile("hint #40 // " #number); result += number * 7 + 1; break;
#define ARMS(number) \
	ARM(number) ARM(number + 1) ARM(number + 2) ARM(number + 3) \
	ARM(number + 4) ARM(number + 5) ARM(number + 6) ARM(number + 7)

__hyp_text u64 index_is_copied(int which, u64 value)
{
	u64 result = value;

	switch (which) {
	ARMS(0) ARMS(8) ARMS(16) ARMS(24)
	case 40:
		if (has_vhe())
			host_call(1);			/* VHE hyp-call 'host_call' */
		break;
	case 41:
		if (has_vhe())
			other(result);
		else
			host_call_too(2);		/* WARN hyp-call 'host_call_too' */
		break;
	}
	return result;
}
HYP_ENTRY(index_is_copied);

__hyp_text u64 in_a_loop(const u8 *bytes, u64 count)
{
	u64 result = 0;

	for (u64 at = 0; at < count; at++) {
		switch (bytes[at]) {
		ARMS(0)
		case 8:
			if (has_vhe())
				host_call(3);		/* VHE hyp-call 'host_call' */
			break;
		case 9:
			other(count);
			host_call_too(4);		/* WARN hyp-call 'host_call_too' */
			break;
		default:
			return result;
		}
	}
	return result;
}
HYP_ENTRY(in_a_loop);

__hyp_text u64 below_zero(long which)
{
	u64 result = 0;

	if (has_vhe())
		host_call(5);				/* VHE hyp-call 'host_call' */
	switch (which) {
	case -4: asm volatile("hint #40 // -4"); result = 77; break;
	case -3: asm volatile("hint #40 // -3"); result = 5; break;
	case -2: asm volatile("hint #40 // -2"); result = 6; break;
	case -1:
		host_call_too(6);			/* WARN hyp-call 'host_call_too' */
		break;
	ARM(0) ARM(1) ARM(2) ARM(3) ARM(4) ARM(5) ARM(6)
	}
	return result;
}
HYP_ENTRY(below_zero);

/* By the exception's class, as handlers of traps do. */
__hyp_text u64 class_with_vhe(u64 syndrome)
{
	u64 result = 0;

	if (!has_vhe())
		return 5;
	switch (syndrome >> 26 & 63) {
	ARM(1) ARM(3) ARM(4) ARM(5) ARM(6) ARM(7) ARM(8) ARM(12) ARM(14) ARM(17)
	case 18:
		host_call(7);				/* VHE hyp-call 'host_call' */
		break;
	ARM(19) ARM(21) ARM(22) ARM(24) ARM(32) ARM(33) ARM(36) ARM(37) ARM(52) ARM(53) ARM(60)
	}
	return result;
}
HYP_ENTRY(class_with_vhe);

__hyp_text u64 class_without_vhe(u64 syndrome)
{
	u64 result = 0;

	if (has_vhe())
		return 5;
	switch (syndrome >> 26 & 63) {
	ARM(1) ARM(3) ARM(4) ARM(5) ARM(6) ARM(7) ARM(8) ARM(12) ARM(14) ARM(17)
	case 18:
		host_call(8);				/* WARN hyp-call 'host_call' */
		break;
	ARM(19) ARM(21) ARM(22) ARM(24) ARM(32) ARM(33) ARM(36) ARM(37) ARM(52) ARM(53) ARM(60)
	}
	return result;
}
HYP_ENTRY(class_without_vhe);
