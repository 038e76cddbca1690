// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Assembly with rules of its own: which registers a callee gives back, where it
 * comes back to, and words that are executed though they are called data.
 */
#include "../include/flow-asm.h"

	.macro	local_function name
	.pushsection .hyp.text, "ax"
	.balign	4
	.type	\name, %function
\name:
	.endm

	.macro	end_local name
	.size	\name, . - \name
	.popsection
	.endm

	.macro	guard_in register
	adrp	\register, cpu_hwcaps
	ldr	\register, [\register, :lo12:cpu_hwcaps]
	and	\register, \register, #1 << VHE
	.endm

	.macro	frame
	stp	x29, x30, [sp, #-32]!
	stp	x19, x20, [sp, #16]
	.endm

	.macro	end_frame
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	.endm

	// x19 is changed by what the callee calls.
	local_function changes_x19
	mov	x19, x0
	ret
	end_local changes_x19

	local_function calls_changer
	str	x30, [sp, #-16]!
	bl	changes_x19
	ldr	x30, [sp], #16
	ret
	end_local calls_changer

	code	two_calls_down, .hyp.text
	frame
	guard_in x19
	bl	calls_changer
	cbz	x19, 1f
	bl	host_call		// WARN hyp-call 'host_call'
1:	end_frame
	ret
	end_code two_calls_down

	// Saved and fetched again: it is as it was.
	local_function saves_x19
	frame
	bl	changes_x19
	end_frame
	ret
	end_local saves_x19

	code	saved_between, .hyp.text
	frame
	guard_in x19
	bl	saves_x19
	cbz	x19, 1f
	bl	host_call		// VHE hyp-call 'host_call'
1:	end_frame
	ret
	end_code saved_between

	// Stored here and fetched from there: two contexts.
	local_function switches
	stp	x19, x20, [x0]
	ldp	x19, x20, [x1]
	ret
	end_local switches

	code	over_a_switch, .hyp.text
	frame
	guard_in x20
	bl	switches
	cbz	x20, 1f
	bl	host_call		// WARN hyp-call 'host_call'
1:	end_frame
	ret
	end_code over_a_switch

	// A store as data saves nothing.
	local_function stores_as_data
	str	x19, [x0]
	mov	x19, #1
	ret
	end_local stores_as_data

	code	over_a_store, .hyp.text
	frame
	guard_in x19
	bl	stores_as_data
	cbz	x19, 1f
	bl	host_call		// WARN hyp-call 'host_call'
1:	end_frame
	ret
	end_code over_a_store

	// It comes back behind the branch.
	local_function skips_one
	add	x30, x30, #4
	ret
	end_local skips_one

	code	skipped, .hyp.text
	str	x30, [sp, #-16]!
	bl	skips_one
	b	1f
	bl	host_call		// WARN hyp-call 'host_call'
1:	ldr	x30, [sp], #16
	ret
	end_code skipped

	// Who leaves by ERET and kept no link does not come back.
	local_function leaves
	eret
	dsb	nsh
	isb
	end_local leaves

	code	left_without_vhe, .hyp.text
	str	x30, [sp, #-16]!
	if_vhe	1f
	bl	leaves
1:	bl	host_call		// VHE hyp-call 'host_call'
	ldr	x30, [sp], #16
	ret
	end_code left_without_vhe

	local_function leaves_and_keeps
	stp	x29, x30, [x0]
	eret
	end_local leaves_and_keeps

	code	comes_back, .hyp.text
	str	x30, [sp, #-16]!
	if_vhe	1f
	bl	leaves_and_keeps
1:	bl	host_call		// WARN hyp-call 'host_call'
	ldr	x30, [sp], #16
	ret
	end_code comes_back

	// The name is a function's of the host that never returns; this one does.
	local_function do_exit
	nop
	ret
	end_local do_exit

	code	calls_namesake, .hyp.text
	str	x30, [sp, #-16]!
	bl	do_exit
	bl	host_call		// WARN hyp-call 'host_call'
	ldr	x30, [sp], #16
	ret
	end_code calls_namesake

	// Vectors under no known name, and with a size: VBAR_EL2 says what they are.
	.pushsection .hyp.text, "ax"
	.balign	2048
	.type	unnamed_table, %function
unnamed_table:
	b	.
	.balign	128
	b	.
	.balign	128
	bl	host_call		// WARN hyp-call 'host_call'
	b	.
	.org	unnamed_table + 0x800
	.size	unnamed_table, 0x800
	.popsection

	code	installs, .hyp.text
	load_address x1, unnamed_table
	msr	vbar_el2, x1
	ret
	end_code installs

	// Words that no assembler knew: the processor executes them.
	code	encoded, .hyp.text
	str	x30, [sp, #-16]!	// MAY hyp-unchecked '*'
	.word	0xd503201f
	bl	host_call		// WARN hyp-call 'host_call'
	ldr	x30, [sp], #16
	ret
	end_code encoded

	code	encoded_with_vhe, .hyp.text
	str	x30, [sp, #-16]!
	unless_vhe 1f
	.word	0xd503201f
	bl	host_call		// VHE hyp-call 'host_call'
1:	ldr	x30, [sp], #16
	ret
	end_code encoded_with_vhe
