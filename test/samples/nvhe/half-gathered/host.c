// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Host data beside what the nVHE link leaves in its sections. */
#include "../../include/nvhe.h"

u64 host_data = 1;
static u64 host_zero;
const u64 host_constant = 2;

HOST u64 reads_own(void)
{
	return READ(host_data) + READ(host_zero) + READ(host_constant);
}
