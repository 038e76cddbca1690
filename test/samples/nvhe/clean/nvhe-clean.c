// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A small hypervisor as it should be; not one warning. It has all the tables
 * that refer to hyp text from outside: alternatives (one with a callback of the
 * host that is freed after boot), static keys of the host, exception and bug
 * tables.
 */
#include "../../include/nvhe.h"
#include "../../include/alternative.h"
#define KEYS 16
#include "../../include/caps.h"

typedef u64 handler(u64 value);

extern struct static_key vgic_trap;
extern u64 kvm_vgic_global_state;

u64 own_bss;
u64 own_percpu __percpu_data;

OUT_OF_LINE u64 handle_run(u64 value)
{
	if (static_branch_unlikely(&vgic_trap))
		return value + READ(kvm_vgic_global_state);
	return value;
}

OUT_OF_LINE u64 handle_flush(u64 value)
{
	asm volatile(ALTERNATIVE("nop", "dmb sy", 21));
	asm volatile(ALTERNATIVE_CB("nop", kvm_update_va_mask, 22));
	WRITE(own_bss, value);
	return READ(*hyp_this_cpu_ptr(own_percpu));
}

static handler *const handlers[] = { handle_run, handle_flush };

HYP u64 handle_trap(u64 which, u64 value)
{
	switch (which) {
	case 0 ... 1:
		return handlers[which](value);
	default:
		asm volatile("1: brk #0x800\n"
			     ".pushsection __bug_table, \"aw\"\n"
			     ".balign 4\n.long 1b - ., 0\n"
			     ".popsection");
	}
	return 0;
}

HYP void may_fault(u64 *from)
{
	asm volatile("1: ldr xzr, [%0]\n"
		     "2:\n"
		     ".pushsection __kvm_ex_table, \"a\"\n"
		     ".balign 4\n.long 1b - ., 2b - .\n"
		     ".popsection"
		     : : "r" (from) : "memory");
}
