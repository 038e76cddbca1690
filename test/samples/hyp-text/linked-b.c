// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The other unit of linked.o. It has an `own_helper` and `own_data` of its own.
 */
#include "../include/hyp.h"

u64 linked_data = 2;
u64 linked_bss;
static u64 own_data = 3;

HOST u64 linked_host(u64 value)
{
	return value + 2;
}

OUT_OF_LINE u64 own_helper(u64 value)
{
	return value + 3;
}

__opaque __hyp_text u64 linked_hyp(u64 value)
{
	value += own_helper(value);			/* WARN hyp-call 'own_helper' */
	value += *(volatile u64 *)&own_data;		/* WARN hyp-data 'own_data' */
	return value;
}

HOST void sets_own_b(u64 value)
{
	own_data = value;
}
