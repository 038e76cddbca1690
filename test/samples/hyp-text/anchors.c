// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Local symbols become "section plus offset" in relocations, and gcc reaches
 * several variables from one anchor. The names in the warnings are those of the
 * symbols that cover the places. Odd: the anchored access forms the address of
 * `first_local` (that is what S+A says) and loads `second_local` 8 bytes behind.
 */
#include "../include/hyp.h"

static u64 first_local = 1;
static u64 second_local = 2;
static u64 third_local;

__opaque static __used u64 first_function(u64 value)
{
	return value + first_local;
}

__opaque static __used u64 second_function(u64 value)
{
	return value + second_local;
}

__hyp_text u64 uses_locals(u64 value)
{
	u64 sum = *(volatile u64 *)&second_local;	/* WARN hyp-data 'first_local' */

	sum += second_function(value);			/* WARN hyp-call 'second_function' */
	sum += first_function(value);			/* WARN hyp-call 'first_function' */
	return sum + *(volatile u64 *)&third_local;
}
HYP_ENTRY(uses_locals);

HOST void host_sets(u64 value)
{
	first_local = value;
	second_local = value;
	third_local = value;
}
