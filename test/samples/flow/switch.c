// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * An indirect branch through a switch's table goes to its arms and nowhere
 * else. A reader that gives up on it makes the blocks for VHE look reachable.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

#define ARM(number, value) \
	case number: asm volatile("hint #40 // " #number); return value;

__hyp_text u64 guard_before_switch(u64 which)
{
	if (has_vhe())
		host_call(1);				/* VHE hyp-call 'host_call' */
	switch (which) {
	ARM(0, 7)
	ARM(1, 19)
	ARM(2, 2)
	ARM(3, 101)
	ARM(4, 55)
	ARM(5, 1)
	ARM(6, 77)
	ARM(7, 13)
	ARM(8, 900)
	ARM(9, 41)
	ARM(10, 5)
	ARM(11, 66)
	ARM(12, 3000)
	ARM(13, 21)
	ARM(14, 8)
	ARM(15, 17)
	ARM(16, 4)
	ARM(17, 90)
	ARM(18, 33)
	ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(guard_before_switch);

__hyp_text u64 switch_for_vhe(u64 which)
{
	if (!has_vhe())
		return 1;
	switch (which) {
	ARM(0, 7)
	ARM(1, 19)
	ARM(2, 2)
	ARM(3, 101)
	case 4: host_call(2); return 1;			/* VHE hyp-call 'host_call' */
	ARM(5, 1)
	ARM(6, 77)
	ARM(7, 13)
	ARM(8, 900)
	ARM(9, 41)
	ARM(10, 5)
	ARM(11, 66)
	ARM(12, 3000)
	ARM(13, 21)
	ARM(14, 8)
	ARM(15, 17)
	ARM(16, 4)
	ARM(17, 90)
	ARM(18, 33)
	ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(switch_for_vhe);

__hyp_text u64 switch_for_all(u64 which)
{
	switch (which) {
	ARM(0, 7)
	ARM(1, 19)
	ARM(2, 2)
	ARM(3, 101)
	case 4: host_call(3); return 1;			/* WARN hyp-call 'host_call' */
	ARM(5, 1)
	ARM(6, 77)
	ARM(7, 13)
	ARM(8, 900)
	ARM(9, 41)
	ARM(10, 5)
	ARM(11, 66)
	ARM(12, 3000)
	ARM(13, 21)
	ARM(14, 8)
	ARM(15, 17)
	ARM(16, 4)
	ARM(17, 90)
	ARM(18, 33)
	ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(switch_for_all);

__hyp_text u64 guard_in_an_arm(u64 which)
{
	switch (which) {
	ARM(0, 7)
	ARM(1, 19)
	ARM(2, 2)
	ARM(3, 101)
	ARM(4, 55)
	ARM(5, 1)
	case 6:
		if (has_vhe())
			host_call(4);			/* VHE hyp-call 'host_call' */
		return 2;
	ARM(7, 13)
	ARM(8, 900)
	case 9:
		if (!has_vhe())
			host_call(5);			/* WARN hyp-call 'host_call' */
		return 3;
	ARM(10, 5)
	ARM(11, 66)
	ARM(12, 3000)
	ARM(13, 21)
	ARM(14, 8)
	ARM(15, 17)
	ARM(16, 4)
	ARM(17, 90)
	ARM(18, 33)
	ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(guard_in_an_arm);

/*
 * Long arms: gcc's rows are 16 bits wide here. It counts an asm's lines to know
 * its length, so each instruction has one.
 */
#define EIGHT	"hint #40\n\thint #40\n\thint #40\n\thint #40\n\thint #40\n\thint #40\n\thint #40\n\thint #40\n\t"
#define LONG_ARM(number, value) \
	case number: asm volatile(EIGHT EIGHT EIGHT EIGHT "// " #number); return value;

__hyp_text u64 long_arms(u64 which)
{
	if (has_vhe())
		host_call(6);				/* VHE hyp-call 'host_call' */
	switch (which) {
	LONG_ARM(0, 7)
	LONG_ARM(1, 19)
	LONG_ARM(2, 2)
	LONG_ARM(3, 101)
	LONG_ARM(4, 55)
	LONG_ARM(5, 1)
	LONG_ARM(6, 77)
	LONG_ARM(7, 13)
	LONG_ARM(8, 900)
	LONG_ARM(9, 41)
	LONG_ARM(10, 5)
	LONG_ARM(11, 66)
	LONG_ARM(12, 3000)
	LONG_ARM(13, 21)
	LONG_ARM(14, 8)
	LONG_ARM(15, 17)
	LONG_ARM(16, 4)
	case 17: host_call(7); return 4;		/* WARN hyp-call 'host_call' */
	LONG_ARM(18, 33)
	LONG_ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(long_arms);
