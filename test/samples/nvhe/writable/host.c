// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The host may read and set hyp variables before EL2 runs. */
#include "../../include/nvhe.h"

extern u64 nvhe_symbol(started_at_zero);
extern u64 nvhe_symbol(set_once);

u64 host_data = 1;

HOST __init void sets_up(void)
{
	nvhe_symbol(set_once) = host_data;
	nvhe_symbol(started_at_zero) = 0;
}
