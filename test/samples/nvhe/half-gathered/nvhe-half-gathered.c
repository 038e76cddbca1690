// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel 5.11 gathers .text, .data..ro_after_init and data per CPU of its nVHE
 * code only. Constants and what starts at zero stay in .rodata and .bss of the
 * host, which EL2 maps to be read: they are where they should be.
 */
#include "../../include/nvhe.h"

const u64 table[4] = { 1, 2, 3, 4 };
u64 started_at_zero;
u64 set_once __ro_after_init = 5;
u64 per_processor __percpu_data = 6;
u64 started_at_one = 1;				/* WARN hyp-section 'started_at_one' */

HYP u64 reads(u64 index)
{
	return READ(table[index & 3]) + READ(started_at_zero) + READ(set_once) + READ(started_at_one);
}

HYP void writes(u64 value)
{
	WRITE(started_at_zero, value);		/* WARN hyp-write 'started_at_zero' */
}
