// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A literal (`ldr x, =symbol`) holds the host's address of the symbol: right to
 * return to the host with, wrong to branch to while at EL2. The load of the
 * literal and its use stand on one line (`;` separates) where the warning is.
 * Odd: the compare-and-branch in `panic_by_either` makes both uses of one literal.
 */
#include "../include/hyp-asm.h"

	host_function panic, .text.unlikely
	host_function panic_target

	code	panic_by_eret, .hyp.text
	ldr	x0, =panic
	msr	elr_el2, x0
	eret
	end_code panic_by_eret

	code	panic_by_call, .hyp.text
	ldr	x0, =panic; blr x0		// WARN hyp-absolute 'panic'
	ret
	end_code panic_by_call

	code	panic_by_jump, .hyp.text
	ldr	x9, =panic; br x9		// WARN hyp-absolute 'panic'
	end_code panic_by_jump

	code	panic_moved, .hyp.text
	ldr	x9, =panic; mov x16, x9; br x16	// WARN hyp-absolute 'panic'
	end_code panic_moved

	// The register is made anew before the branch: nothing of the literal is left.
	code	panic_overwritten, .hyp.text
	ldr	x0, =panic
	msr	elr_el2, x0
	adr	x0, 1f
	br	x0
1:	eret
	end_code panic_overwritten

	code	panic_by_either, .hyp.text
	cbz	x1, 1f
	ldr	x0, =panic_target
	msr	elr_el2, x0
	eret
1:	ldr	x0, =panic_target; blr x0	// WARN hyp-absolute 'panic_target'
	ret
	end_code panic_by_either

	hyp_entry panic_by_eret, panic_by_call, panic_by_jump, panic_moved, panic_overwritten, panic_by_either
