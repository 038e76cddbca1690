// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * `reset` gives the stub vectors back with the MMU just turned off: an address
 * in .text that is physical then. The same address formed in ordinary hyp text
 * is not fine.
 */
#include "../include/hyp-asm.h"

	code	__hyp_stub_vectors
	.balign	128
	b	.
	end_code __hyp_stub_vectors

	code	reset, .hyp.idmap.text
	mrs	x5, sctlr_el2
	bic	x5, x5, #1
	msr	sctlr_el2, x5
	isb
	load_address x5, __hyp_stub_vectors
	msr	vbar_el2, x5
	eret
	end_code reset

	code	not_reset, .hyp.text
	load_address x5, __hyp_stub_vectors	// WARN hyp-data '__hyp_stub_vectors'
	msr	vbar_el2, x5
	eret
	end_code not_reset

	hyp_entry reset, not_reset
