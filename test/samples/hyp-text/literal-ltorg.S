// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * As the assembler places it: a pool after .ltorg, behind the end of the last
 * function before it (and of no other), used from both sides of it.
 */
#include "../include/hyp-asm.h"

	host_function panic, .text.unlikely

	.section .hyp.text, "ax", %progbits
	.globl	before_the_pool
	.type	before_the_pool, %function
before_the_pool:
	ldr	x0, =panic
	msr	elr_el2, x0
	eret
	.size	before_the_pool, . - before_the_pool

	// No size and no type, as an old ENTRY() without its end.
	.globl	between
between:
	ldr	x0, =panic; br x0		// WARN hyp-absolute 'panic'
	.ltorg

	.globl	after_the_pool
	.type	after_the_pool, %function
after_the_pool:
	nop
	ret
	.size	after_the_pool, . - after_the_pool

	hyp_entry before_the_pool, between, after_the_pool
