// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Assembly as entry code is written: labels that are no functions (NOTYPE, no
 * size) in front of and inside code, a macro of several lines.
 */
#include "../include/hyp-asm.h"

	host_function host_handler
	object	handler_count, .data

	.macro	count_and_call
	load_value x1, handler_count
	bl	host_handler
	.endm

	.section .hyp.text, "ax", %progbits
	.balign	2048
	.globl	hyp_vector_like
hyp_vector_like:
	.balign	128
	b	slot_sync
	.balign	128
	b	slot_irq
	.balign	128

slot_sync:
	count_and_call			// WARN hyp-data 'handler_count' WARN hyp-call 'host_handler'
	eret

slot_irq:
	mov	x0, #1
	bl	finish
	eret

finish:
	ret

	hyp_entry hyp_vector_like
