// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A host with nothing to find in it. */
#include "../../include/nvhe.h"

u64 host_data = 1;

HOST u64 host_function(void)
{
	return ++host_data;
}
