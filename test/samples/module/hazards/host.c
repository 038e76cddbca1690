// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Its host, with variables under hyp names: that makes the module link, and EL2 maps none of it. */
#include "../../include/module.h"

MODULE;
u64 nvhe_symbol(in_host_bss);				/* WARN hyp-section 'in_host_bss' */
extern const u64 nvhe_symbol(in_host_rodata);
const u64 nvhe_symbol(in_host_rodata) = 7;		/* WARN hyp-section 'in_host_rodata' */
