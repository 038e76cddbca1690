// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Its host. */
#include "../../include/nvhe.h"

extern char nvhe_symbol(__kvm_hyp_init)[];
extern u64 nvhe_symbol(own_bss);

struct { int enabled; void *entries; } vgic_trap;
u64 kvm_vgic_global_state __ro_after_init = 1;
u64 host_data = 2;

HOST __init void kvm_update_va_mask(void)
{
	host_data++;
}

HOST __init void *sets_up(void)
{
	nvhe_symbol(own_bss) = host_data;
	return nvhe_symbol(__kvm_hyp_init);
}
