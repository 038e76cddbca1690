// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loads and stores of every width that has its own LO12 relocation, signed ones
 * among them (opc is not 00 and not 01 there).
 */
#include "../include/hyp.h"

static struct {
	signed char byte;
	short half;
	int word;
	long doubleword;
} mapped;

signed char data_byte = 1;
short data_half = 2;
int data_word = 3;
long data_doubleword = 4;
signed char bss_byte;
short bss_half;
int bss_word;
long bss_doubleword;

#define ONCE(variable)		(*(volatile __typeof__(variable) *)&(variable))

__hyp_text long reads(void)
{
	long sum = ONCE(data_byte);		/* WARN hyp-data 'data_byte' */

	sum += ONCE(data_half);			/* WARN hyp-data 'data_half' */
	sum += ONCE(data_word);			/* WARN hyp-data 'data_word' */
	sum += ONCE(data_doubleword);		/* WARN hyp-data 'data_doubleword' */
	sum += ONCE(bss_byte);
	sum += ONCE(bss_half);
	sum += ONCE(bss_word);
	sum += ONCE(bss_doubleword);
	sum += ONCE(mapped.byte) + ONCE(mapped.half) + ONCE(mapped.word) + ONCE(mapped.doubleword);
	return sum;
}
HYP_ENTRY(reads);

__hyp_text void writes(long value)
{
	ONCE(bss_byte) = value;			/* WARN hyp-write 'bss_byte' */
	ONCE(bss_half) = value;			/* WARN hyp-write 'bss_half' */
	ONCE(bss_word) = value;			/* WARN hyp-write 'bss_word' */
	ONCE(bss_doubleword) = value;		/* WARN hyp-write 'bss_doubleword' */
}
HYP_ENTRY(writes);
