// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Entry code: vectors of labels without type or size, branched to from slots,
 * one of them only by VHE.
 */
#include "../include/flow-asm.h"

	.section .hyp.text, "ax", %progbits

for_vhe:
	bl	host_call		// VHE hyp-call 'host_call'
	eret

for_all:
	bl	host_call		// WARN hyp-call 'host_call'
	eret

	// Into the middle of something: label plus offset.
middle:
	bl	host_call		// VHE hyp-call 'host_call'
	eret
	bl	host_call		// WARN hyp-call 'host_call'
	eret

	.balign	2048
	.globl	__kvm_hyp_vector
__kvm_hyp_vector:
	.balign	128
	if_vhe	for_vhe
	eret
	.balign	128
	b	for_all
	.balign	128
	b	middle + 8
	.balign	128
	if_vhe	middle
	eret

	hyp_entry __kvm_hyp_vector
