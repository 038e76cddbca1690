// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * An address that a loop steps on through a table is a new one each time round:
 * whoever keeps them apart never comes to an end.
 */
#include "../include/flow-asm.h"

	// Where the loop comes round, by several ways, and where it starts.
	code	steps_through_table, .hyp.text
	stp	x19, x30, [sp, #-16]!
	adrp	x19, numbers
	add	x19, x19, #:lo12:numbers
	b	2f
1:	ldr	x2, [x19, #8]
	add	x19, x19, #16
	cbz	x2, 3f
2:	ldrb	w1, [x19]
	cmp	w1, #1
	b.ne	1b
	ldr	x3, [x19]
	mov	x0, x19
	tst	x3, #4
	b.eq	1b
	bl	looks_at_entry
	tst	w0, #0xff
	b.ne	1b
	if_vhe	4f
	bl	host_call		// WARN hyp-call 'host_call'
	b	1b
3:	ldp	x19, x30, [sp], #16
	ret
4:	bl	host_call		// VHE hyp-call 'host_call'
	b	1b
	end_code steps_through_table

	code	looks_at_entry, .hyp.text
	mrs	x0, hcr_el2
	ret
	end_code looks_at_entry

	// A function of itself, one entry further.
	code	calls_itself_on_table, .hyp.text
	cbz	x0, 1f
	add	x0, x0, #16
	b	calls_itself_on_table
1:	if_vhe	2f
	ret
2:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code calls_itself_on_table

	code	starts_on_table, .hyp.text
	adrp	x0, numbers
	add	x0, x0, #:lo12:numbers
	b	calls_itself_on_table
	end_code starts_on_table

	.section .bss
	.balign	16
numbers:
	.skip	64
