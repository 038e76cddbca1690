// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Its host. */
#include "../../include/nvhe.h"

u64 host_data = 1;
u64 host_bss;
u64 host_neighbour;
