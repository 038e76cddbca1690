// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What is wrong in the EL2 part of a module: names that it does not have, in all
 * ways but by a call; sections of its own host; variables per CPU; the formats,
 * which only the host reads; stores to what EL2 maps read-only.
 */
#include "../../include/module.h"

typedef u64 handler(u64 value);

extern u64 kvm_vgic_global_state;		/* of the kernel's hyp code */
extern handler elsewhere, table_entry;
extern char __hyp_text_start[];
extern u64 in_host_bss;

FORMAT(message, "%llu left\n");
EVENT(counted);
static const u64 constant[2] = { 1, 2 };
u64 per_cpu __percpu_data = 1;
u64 for_init __in(".init.data") = 1;		/* WARN hyp-section 'for_init' */

handler *const entries[] = { table_entry };	/* WARN hyp-absolute 'table_entry' */

HYP u64 jumps(u64 value)
{
	return elsewhere(value);		/* WARN hyp-call 'elsewhere' */
}

HYP u64 reads_the_kernel(void)
{
	return READ(kvm_vgic_global_state);	/* WARN hyp-data 'kvm_vgic_global_state' */
}

HYP u64 forms_a_bound(void)
{
	return opaque_value((u64)__hyp_text_start);	/* WARN hyp-data '__hyp_text_start' */
}

HYP u64 reads_its_host(void)
{
	return READ(in_host_bss);		/* MAY hyp-data 'in_host_bss' where the host's part is not at hand */
}

HYP u64 reads_per_cpu(void)
{
	return READ(*hyp_this_cpu_ptr(per_cpu));	/* WARN hyp-data 'per_cpu' */
}

HYP u64 reads_a_format(void)
{
	return READ(message[0]);		/* WARN hyp-data 'message' */
}

HYP void writes_what_is_read_only(u64 value)
{
	WRITE(*(u64 *)constant, value);		/* WARN hyp-write 'constant' */
	WRITE(counted_id.id, value);		/* WARN hyp-write 'counted_id' */
}
