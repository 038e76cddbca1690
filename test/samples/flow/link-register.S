// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What a call does to registers: it puts the way back into x30, a function that
 * calls itself has a copy of its own of what it keeps, and what touches x19 to x28
 * and does not save them has rules of its own.
 */
#include "../include/flow-asm.h"

	.pushsection .hyp.text, "ax"
	.type	looks_at_link, %function
looks_at_link:
	cbnz	x30, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	looks_at_link, . - looks_at_link
	.popsection

	code	sets_link, .hyp.text
	mov	x19, x30
	mov	x30, #0
	bl	looks_at_link
	ret	x19
	end_code sets_link

	code	asks_where_it_is, .hyp.text
	mov	x9, x30
	mov	x30, #0
	bl	1f
1:	cbz	x30, 2f
	bl	host_call		// WARN hyp-call 'host_call'
2:	ret	x9
	end_code asks_where_it_is

	// Zero in, zero in the copy; what the inner one gives back is of another copy.
	.pushsection .hyp.text, "ax"
	.type	calls_itself, %function
calls_itself:
	stp	x29, x30, [sp, #-32]!
	str	x19, [sp, #16]
	mov	x19, x0
	cbz	x1, 2f
	mov	x0, x2
	mov	x1, #0
	bl	calls_itself
	cbnz	x0, 3f
	cbz	x19, 2f
	bl	host_call		// WARN hyp-call 'host_call'
2:	mov	x0, x19
3:	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	.size	calls_itself, . - calls_itself
	.popsection

	// Without a call in between the two are one.
	code	copies, .hyp.text
	str	x19, [sp, #-16]!
	mov	x19, x0
	cbnz	x0, 1f
	cbz	x19, 1f
	bl	host_call		// VHE hyp-call 'host_call'
1:	ldr	x19, [sp], #16
	ret
	end_code copies

	// Of a 32-bit copy, the low half.
	code	copies_half, .hyp.text
	mov	w8, w0
	cbnz	w0, 1f
	cbz	w8, 1f
	bl	host_call		// VHE hyp-call 'host_call'
1:	mov	w9, w0
	cbnz	w9, 2f
	cbz	x0, 2f
	bl	host_call		// WARN hyp-call 'host_call'
2:	ret
	end_code copies_half

	// Rules of its own: x20 is an argument, x21 a result, by way of a function that does nothing.
	.pushsection .hyp.text, "ax"
	.type	in_x20, %function
in_x20:
	b	host_call		// WARN hyp-call 'host_call'
	.size	in_x20, . - in_x20

	.type	goes_on, %function
goes_on:
	b	takes_x20
	.size	goes_on, . - goes_on

	.type	takes_x20, %function
takes_x20:
	mov	x21, #1
	cbz	x20, 1f
	br	x20
1:	ret
	.size	takes_x20, . - takes_x20
	.popsection

	code	has_own_rules, .hyp.text
	mov	x9, x30
	load_address x20, in_x20
	mov	x21, #0
	bl	goes_on
	cbnz	x21, 1f
	ret	x9
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret	x9
	end_code has_own_rules

	// What is saved keeps its value.
	.pushsection .hyp.text, "ax"
	.type	saves_x21, %function
saves_x21:
	str	x21, [sp, #-16]!
	mov	x21, #1
	ldr	x21, [sp], #16
	ret
	.size	saves_x21, . - saves_x21
	.popsection

	code	has_usual_rules, .hyp.text
	mov	x9, x30
	mov	x21, #0
	bl	saves_x21
	cbnz	x21, 1f
	ret	x9
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret	x9
	end_code has_usual_rules

	hyp_entry has_own_rules, has_usual_rules
	hyp_entry sets_link, asks_where_it_is, calls_itself, copies, copies_half
