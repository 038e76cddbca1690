// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Constants the compiler puts away: strings, a table of values, an initialiser.
 * All in .rodata, which EL2 maps. The counterpart is an array that can be
 * written, and so lies in .data.
 */
#include "../include/hyp.h"

static char writable_text[] = "in .data";

__hyp_text const char *a_string(void)
{
	return "in .rodata.str1.8";
}
HYP_ENTRY(a_string);

__hyp_text u64 a_table(u64 which)
{
	switch (which) {
	case 0: return 1009;
	case 1: return 9176;
	case 2: return 40;
	case 3: return 65537;
	case 4: return 31;
	default: return 5;
	}
}
HYP_ENTRY(a_table);

__hyp_text u64 an_initialiser(u64 which)
{
	static const u64 primes[] = { 2, 3, 5, 7, 11, 13 };

	return primes[which];
}
HYP_ENTRY(an_initialiser);

__hyp_text void a_writable_string(char **to)
{
	*to = writable_text;			/* WARN hyp-data 'writable_text' */
}
HYP_ENTRY(a_writable_string);

HOST void host_changes(void)
{
	writable_text[0] = 'I';
}
