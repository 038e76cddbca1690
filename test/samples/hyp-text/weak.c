// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A weak symbol that nobody defines is reached through the GOT, which EL2 does
 * not map, even where the code is not position independent.
 * Fine: a weak symbol that is defined needs no GOT; host code may use one.
 */
#include "../include/hyp.h"

extern u64 maybe_missing __attribute__((weak));
u64 is_present __attribute__((weak));

__hyp_text bool asks_for_missing(void)
{
	return &maybe_missing != 0;		/* WARN hyp-data 'maybe_missing' */
}
HYP_ENTRY(asks_for_missing);

__hyp_text u64 reads_present(void)
{
	return *(volatile u64 *)&is_present;
}
HYP_ENTRY(reads_present);

HOST bool host_asks(void)
{
	return &maybe_missing != 0;
}
