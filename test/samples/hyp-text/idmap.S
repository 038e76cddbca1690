// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Code of the identity map runs before the MMU is on and may load `idmap_t0sz`
 * from .data then; nothing else may, and not `idmap_t0sz` from .hyp.text.
 */
#include "../include/hyp-asm.h"

	object	idmap_t0sz, .data
	object	other_data, .data
	object	idmap_bss, .bss, %nobits

	.pushsection .hyp.idmap.text, "ax", %progbits
	.balign	2048
	.globl	__kvm_hyp_init
	.type	__kvm_hyp_init, %function
__kvm_hyp_init:
	b	__do_hyp_init
	.size	__kvm_hyp_init, . - __kvm_hyp_init

	.type	__do_hyp_init, %function
__do_hyp_init:
	load_value x5, idmap_t0sz
	msr	tcr_el2, x5
	load_value x6, idmap_bss
	isb
	eret
	.size	__do_hyp_init, . - __do_hyp_init
	.popsection

	code	too_late, .hyp.text
	load_value x5, idmap_t0sz	// WARN hyp-data 'idmap_t0sz'
	load_value x6, other_data	// WARN hyp-data 'other_data'
	load_value x7, idmap_bss
	ret
	end_code too_late

	hyp_entry __kvm_hyp_init, too_late
