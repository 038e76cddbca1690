// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Its host, which hands the address of init to EL2 and sets data before. */
#include "../../include/module.h"

extern char nvhe_symbol(init)[];
extern u64 nvhe_symbol(set_once);

MODULE;
u64 host_data = 2;

HOST __init void *loads(void)
{
	nvhe_symbol(set_once) = host_data;
	return nvhe_symbol(init);
}
