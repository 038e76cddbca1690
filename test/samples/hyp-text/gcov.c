// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * GCOV counts in .bss, and stores there are faults at EL2.
 * Odd: the counter's symbol is local and its name ends as a clone's would, so a
 * name with and without the last part is right.
 */
#include "../include/hyp.h"

__hyp_text void counted(void)
{					/* WARN hyp-instrumentation '__gcov0.counted' */
	asm volatile("");
}
HYP_ENTRY(counted);

__attribute__((no_profile_instrument_function))
__hyp_text void not_counted(void)
{
	asm volatile("");
}
HYP_ENTRY(not_counted);

HOST void host_counted(void)
{
	asm volatile("");
}
