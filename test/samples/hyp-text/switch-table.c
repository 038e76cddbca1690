// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A switch that becomes a table in .rodata and an indirect branch into the same
 * function: fine by itself. One of the arms of the second one leaves.
 * Odd: gcc takes rows of 8 bits here, as the function is short, counted in words
 * from an `adr` behind them; clang takes 32 bits, in bytes from an `adr` of itself.
 */
#include "../include/hyp.h"

HOST u64 host_arm(u64 value)
{
	return value * 3;
}

/* The assembly keeps an arm from becoming a row of a table of values. */
#define ARM(number, value) \
	case number: asm volatile("hint #40 // " #number); return value;

__hyp_text u64 stays(u64 which)
{
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
HYP_ENTRY(stays);

__hyp_text u64 leaves(u64 which)
{
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
	case 13: return host_arm(which) + 1;	/* WARN hyp-call 'host_arm' */
	ARM(14, 8)
	ARM(15, 17)
	ARM(16, 4)
	ARM(17, 90)
	ARM(18, 33)
	ARM(19, 12)
	}
	return 0;
}
HYP_ENTRY(leaves);
