// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the bad slots hold; and tables of the host's own, which may hold all. */
#include "../../include/nvhe.h"

typedef u64 handler(u64 value);

u64 nvhe_symbol(dispatches)(u64 which, u64 value);
u64 host_bss;

HOST u64 host_function(u64 value)
{
	return value + host_bss;
}

handler *const host_handlers[] __used = { host_function };
void *const host_entries[] __used = { nvhe_symbol(dispatches), host_function };
