// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Its entry code: vectors, the idmap, literals of hyp addresses. */
#include "../../include/hyp-asm.h"

	.text
	.balign	2048
	.globl	__kvm_hyp_host_vector
__kvm_hyp_host_vector:
	.balign	128
	b	host_sync
host_sync:
	bl	handle_trap
	eret

	code	__kvm_hyp_init, .idmap.text
	load_value x6, own_bss
	ldr	x5, =__kvm_hyp_host_vector
	msr	vbar_el2, x5
	eret
	end_code __kvm_hyp_init
