// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the aliases stand for. */
#include "../../include/nvhe.h"

u64 host_bss;
const u64 host_rodata = 1;
u64 host_ro_after_init __ro_after_init = 2;
u64 host_data = 3;
u64 host_read_mostly __read_mostly = 4;
u64 host_init_data __initdata = 5;
u64 host_percpu __percpu_data = 6;

HOST u64 host_function(u64 value)
{
	return value + host_data;
}

HOST __init u64 host_init_function(u64 value)
{
	return value + host_init_data;
}

HOST __in(".text.unlikely") void nvhe_hyp_panic_handler(void)
{
	host_bss = 1;
}
