// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The pool stands inside the range of the function before (`holds_the_pool`),
 * which does not use it: its slots belong to the loads, not to the symbol that
 * covers them. Two loads share the slot of `panic`, one of them in a function
 * that only writes it to ELR_EL2.
 * Odd: the pool's bytes of 0x94000000 look like a `bl` and are data ($d).
 */
#include "../include/hyp-asm.h"

	host_function panic, .text.unlikely

	.pushsection .rodata.str, "aMS", %progbits, 1
panic_string:
	.asciz	"HYP panic"
	.popsection

	code	holds_the_pool, .hyp.text
	ret
	.balign	8
	.word	0x94000000, 0x94000001
pool_panic:
	.quad	panic
pool_string:
	.quad	panic_string
	end_code holds_the_pool

	code	uses_it_well, .hyp.text
	ldr	x0, pool_panic
	ldr	x1, pool_string
	msr	elr_el2, x0
	eret
	end_code uses_it_well

	code	uses_it_badly, .hyp.text
	ldr	x1, pool_string
	ldr	x0, pool_panic; blr x0		// WARN hyp-absolute 'panic'
	ret
	end_code uses_it_badly

	hyp_entry holds_the_pool, uses_it_well, uses_it_badly
