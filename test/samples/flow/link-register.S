// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What a call does to registers: it puts the way back into x30, and a function
 * that calls itself has a copy of its own of what it keeps.
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

	hyp_entry sets_link, asks_where_it_is, calls_itself, copies, copies_half
