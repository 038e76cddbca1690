// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One of two units of linked.o (`ld -r`): what is undefined here is defined in
 * linked-b.c, and the addends of local symbols were moved by the link.
 */
#include "../include/hyp.h"

u64 linked_host(u64 value);
u64 linked_hyp(u64 value);
extern u64 linked_data;
extern u64 linked_bss;
static u64 own_data = 1;

OUT_OF_LINE u64 own_helper(u64 value)
{
	return value + 1;
}

__hyp_text u64 reaches_out(u64 value)
{
	u64 sum = linked_host(value);			/* WARN hyp-call 'linked_host' */

	sum += linked_hyp(sum);
	sum += own_helper(sum);				/* WARN hyp-call 'own_helper' */
	sum += *(volatile u64 *)&linked_data;		/* WARN hyp-data 'linked_data' */
	sum += *(volatile u64 *)&linked_bss;
	sum += *(volatile u64 *)&own_data;		/* WARN hyp-data 'own_data' */
	return sum;
}
HYP_ENTRY(reaches_out);

HOST void sets_own_a(u64 value)
{
	own_data = value;
}
