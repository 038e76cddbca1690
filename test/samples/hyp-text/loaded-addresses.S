// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel addresses that hyp code loads from data. A slot of a table holds what the
 * kernel calls the place: right to hand on, to compare and to convert, wrong to
 * branch to, to read and to write through at EL2. The finding stands at the use,
 * and names the first slot's target where the load may read several.
 */
#include "../include/hyp-asm.h"

	object	host_bss, .bss, %nobits
	host_function host_target

	.pushsection .rodata, "a", %progbits
	.macro	table name, slots:vararg
	.balign	8
	.type	\name, %object
\name:
	.quad	\slots
	.size	\name, . - \name
	.endm
	table	handlers, 0, first_handler, second_handler
	table	one_pointer, host_bss
	table	numbers, 0x1000, 0x2000
	table	pairs, 1, host_bss, 2, host_target
	table	of_tables, handlers, handlers
	table	mixed, host_bss, 0xffff
	.balign	8
.Lwithout_a_name:
	.quad	host_bss, host_target
	.globl	behind_it
behind_it:
	.quad	0
	.popsection

	.pushsection .data..ro_after_init, "aw", %progbits
	table	set_once, host_bss
	.popsection

	code	first_handler, .hyp.text
	ret
	end_code first_handler
	code	second_handler, .hyp.text
	ret
	end_code second_handler

	code	calls_indexed, .hyp.text
	load_address x1, handlers
	ldr	x1, [x1, x0, lsl #3]
	blr	x1				// WARN hyp-absolute 'first_handler'
	ret
	end_code calls_indexed

	code	calls_by_sum, .hyp.text
	load_address x1, handlers
	add	x1, x1, x0, lsl #3
	ldr	x16, [x1]
	br	x16				// WARN hyp-absolute 'first_handler'
	end_code calls_by_sum

	code	calls_the_third, .hyp.text
	load_address x1, handlers
	ldr	x9, [x1, #16]
	cbz	x9, 1f
	blr	x9				// WARN hyp-absolute 'second_handler'
1:	ret
	end_code calls_the_third

	// The first one is no address.
	code	takes_the_first, .hyp.text
	load_address x1, handlers
	ldr	x9, [x1]
	blr	x9
	ret
	end_code takes_the_first

	code	walks_on, .hyp.text
	load_address x19, handlers
	mov	x20, #3
1:	ldr	x9, [x19], #8
	blr	x9				// WARN hyp-absolute 'first_handler'
	subs	x20, x20, #1
	b.ne	1b
	ret
	end_code walks_on

	code	reads_one, .hyp.text
	load_value x1, one_pointer
	ldr	w0, [x1]			// WARN hyp-absolute 'host_bss'
	ret
	end_code reads_one

	code	writes_one, .hyp.text
	load_value x1, set_once
	str	w0, [x1, #4]			// WARN hyp-absolute 'host_bss'
	ret
	end_code writes_one

	code	reads_a_member, .hyp.text
	load_address x1, pairs
	add	x1, x1, x0, lsl #4
	ldr	x2, [x1, #8]
	ldrb	w0, [x2]			// WARN hyp-absolute 'host_bss'
	ret
	end_code reads_a_member

	code	reads_a_pair, .hyp.text
	load_address x1, pairs
	ldp	x2, x3, [x1]
	ldr	w0, [x3, x2]			// WARN hyp-absolute 'host_bss'
	ret
	end_code reads_a_pair

	code	through_two, .hyp.text
	load_value x1, of_tables
	ldr	x1, [x1, #8]			// WARN hyp-absolute 'handlers'
	blr	x1				// WARN hyp-absolute 'first_handler'
	ret
	end_code through_two

	code	chosen, .hyp.text
	load_value x1, one_pointer
	cmp	x0, #0
	csel	x1, x0, x1, ne
	ldr	w0, [x1]			// WARN hyp-absolute 'host_bss'
	ret
	end_code chosen

	code	chosen_slot, .hyp.text
	load_address x1, one_pointer
	load_address x2, handlers + 8
	cmp	x0, #0
	csel	x1, x2, x1, ne
	ldr	x1, [x1]
	blr	x1				// WARN hyp-absolute 'host_bss' WARN hyp-absolute 'first_handler'
	ret
	end_code chosen_slot

	code	of_an_array, .hyp.text
	load_value x1, one_pointer
	add	x1, x1, x0, lsl #3
	str	x2, [x1, #8]			// WARN hyp-absolute 'host_bss'
	ret
	end_code of_an_array

	code	of_an_array_by_int, .hyp.text
	load_value x1, one_pointer
	add	x1, x1, w0, sxtw #3
	ldr	x0, [x1, #8]			// WARN hyp-absolute 'host_bss'
	ret
	end_code of_an_array_by_int

	code	of_structures, .hyp.text
	load_value x1, one_pointer
	mov	w2, #24
	umaddl	x1, w0, w2, x1
	str	x2, [x1, #8]			// WARN hyp-absolute 'host_bss'
	ret
	end_code of_structures

	code	converted_by_sum, .hyp.text
	load_value x1, one_pointer
	add	x1, x1, x0
	str	x2, [x1]
	ret
	end_code converted_by_sum

	code	counted_down, .hyp.text
	load_value x1, one_pointer
	mov	x2, #24
	msub	x1, x0, x2, x1
	str	x2, [x1]
	ret
	end_code counted_down

	code	without_a_name, .hyp.text
	load_address x1, .Lwithout_a_name
	ldr	x1, [x1, x0, lsl #3]
	br	x1				// WARN hyp-absolute 'host_bss'
	end_code without_a_name

	code	chooses, .hyp.text
	load_address x1, one_pointer
	load_address x2, numbers
	cmp	x0, #0
	csel	x1, x1, x2, eq
	ldr	x1, [x1]
	ldr	w0, [x1]			// WARN hyp-absolute 'host_bss'
	ret
	end_code chooses

	code	from_the_text, .hyp.text
	adr	x1, .Lin_the_text
	ldr	x1, [x1]
	br	x1				// WARN hyp-absolute 'host_target'
	.balign	8
.Lin_the_text:
	.quad	host_target
	end_code from_the_text

	code	large_model, .hyp.text
	load_value x0, .Lfar
	ldr	w0, [x0]			// WARN hyp-absolute 'host_bss'
	ret
	.balign	8
.Lfar:
	.quad	host_bss
	end_code large_model

	// Right: what is done with it is no use as an address.
	code	hands_back, .hyp.text
	load_address x1, handlers
	ldr	x0, [x1, x0, lsl #3]
	ret
	end_code hands_back

	code	hands_on, .hyp.text
	load_value x0, one_pointer
	str	x0, [x2]
	b	first_handler
	end_code hands_on

	code	compares, .hyp.text
	load_value x1, one_pointer
	cmp	x0, x1
	cset	w0, eq
	ret
	end_code compares

	code	converts, .hyp.text
	load_value x1, one_pointer
	and	x1, x1, #0x0000ffffffffffff
	ldr	w0, [x1]
	ret
	end_code converts

	code	to_physical, .hyp.text
	load_value x1, one_pointer
	ldr	x2, [x3]
	sub	x1, x1, x2
	ldr	w0, [x1]
	ret
	end_code to_physical

	code	reads_numbers, .hyp.text
	load_address x1, numbers
	ldr	x1, [x1, x0, lsl #3]
	ldr	w0, [x1]
	ret
	end_code reads_numbers

	code	reads_the_number, .hyp.text
	load_address x1, mixed
	ldr	x1, [x1, #8]
	ldr	w0, [x1]
	ret
	end_code reads_the_number

	code	reads_half, .hyp.text
	load_address x1, one_pointer
	ldr	w1, [x1]
	ldr	w0, [x1]
	ret
	end_code reads_half

	code	is_overwritten, .hyp.text
	load_value x1, one_pointer
	load_address x1, numbers
	ldr	w0, [x1]
	ret
	end_code is_overwritten

	code	behind, .hyp.text
	load_address x1, behind_it
	ldr	x1, [x1, x0, lsl #3]
	br	x1
	end_code behind

	hyp_entry calls_indexed, calls_by_sum, calls_the_third, takes_the_first, walks_on, reads_one, writes_one
	hyp_entry reads_a_member, reads_a_pair, through_two, without_a_name, chooses, from_the_text, large_model
	hyp_entry hands_back, hands_on, compares, converts, to_physical, reads_numbers, reads_the_number, reads_half
	hyp_entry is_overwritten, behind, chosen, chosen_slot, of_an_array, of_an_array_by_int, of_structures
	hyp_entry converted_by_sum, counted_down
