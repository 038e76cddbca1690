// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What becomes of an address: something unknown is added to it before control
 * goes there, it is used through the stack pointer, it comes out of a pool that
 * is also read as a table, or one instruction uses it or another one.
 */
#include "../include/flow-asm.h"

	.macro	local_function name
	.pushsection .hyp.text, "ax"
	.balign	128
	.type	\name, %function
\name:
	.endm

	.macro	end_local name
	.size	\name, . - \name
	.popsection
	.endm

	// Slots of a function, from another function.
	local_function jumped_into
	ret
	.balign	128
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_local jumped_into

	code	jumps_to_slot, .hyp.text
	load_address x1, jumped_into
	add	x1, x1, x0, lsl #7
	br	x1
	end_code jumps_to_slot

	local_function called_into
	ret
	.balign	128
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_local called_into

	code	calls_slot, .hyp.text
	str	x30, [sp, #-16]!
	load_address x1, called_into
	add	x1, x1, x0, lsl #7
	blr	x1
	ldr	x30, [sp], #16
	ret
	end_code calls_slot

	local_function jumped_into_with_vhe
	ret
	.balign	128
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_local jumped_into_with_vhe

	code	jumps_to_slot_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	load_address x1, jumped_into_with_vhe
	add	x1, x1, x0, lsl #7
	br	x1
	end_code jumps_to_slot_with_vhe

	// The stack pointer uses what it is set to.
	code	sets_stack, .hyp.text
	load_address x3, host_data	// WARN hyp-data 'host_data'
	mov	sp, x3
	if_vhe	1f
	ret
1:	ldr	x1, [x3]
	ret
	end_code sets_stack

	code	sets_stack_with_vhe, .hyp.text
	load_address x3, host_data	// VHE hyp-data 'host_data'
	if_vhe	1f
	ret
1:	mov	sp, x3
	ret
	end_code sets_stack_with_vhe

	// Each slot of a pool may be meant where its address is formed.
	local_function in_pool
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_local in_pool

	code	reads_pool_as_table, .hyp.text
	adr	x1, 8f
	ldr	x2, [x1, x0, lsl #3]
	if_vhe	1f
	str	x30, [sp, #-16]!
	blr	x2			// WARN hyp-absolute 'in_pool'
	ldr	x30, [sp], #16
	ret
1:	ldr	x3, 8f			// VHE hyp-absolute 'in_pool'
	br	x3
	.balign	8
8:	.quad	in_pool
	.quad	jumps_to_slot
	end_code reads_pool_as_table

	local_function in_pool_with_vhe
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_local in_pool_with_vhe

	code	reads_pool, .hyp.text
	if_vhe	1f
	ret
1:	ldr	x3, 8f			// VHE hyp-absolute 'in_pool_with_vhe'
	br	x3
	.balign	8
8:	.quad	in_pool_with_vhe
	end_code reads_pool

	// One access for all, to what VHE alone has formed.
	code	store_with_vhe, .hyp.text
	mov	x1, x0
	if_vhe	1f
2:	str	x2, [x1]
	ret
1:	load_address x1, host_bss	// VHE hyp-write 'host_bss'
	b	2b
	end_code store_with_vhe

	code	store_without_vhe, .hyp.text
	mov	x1, x0
	unless_vhe 1f
2:	str	x2, [x1]
	ret
1:	load_address x1, host_bss	// WARN hyp-write 'host_bss'
	b	2b
	end_code store_without_vhe

	code	literal_with_vhe, .hyp.text
	mov	x1, x0
	if_vhe	1f
2:	ldr	x2, [x1]
	ret
1:	ldr	x1, =host_data		// VHE hyp-absolute 'host_data'
	b	2b
	.ltorg
	end_code literal_with_vhe

	code	literal_without_vhe, .hyp.text
	mov	x1, x0
	unless_vhe 1f
2:	ldr	x2, [x1]
	ret
1:	ldr	x1, =host_data		// WARN hyp-absolute 'host_data'
	b	2b
	.ltorg
	end_code literal_without_vhe

	// Formed by all, taken by VHE for the access that all make.
	code	taken_with_vhe, .hyp.text
	load_address x3, host_data	// VHE hyp-data 'host_data'
	mov	x1, x0
	unless_vhe 1f
	mov	x1, x3
1:	ldr	x2, [x1]
	ret
	end_code taken_with_vhe

	code	taken_without_vhe, .hyp.text
	load_address x3, host_data	// WARN hyp-data 'host_data'
	mov	x1, x0
	if_vhe	1f
	mov	x1, x3
1:	ldr	x2, [x1]
	ret
	end_code taken_without_vhe

	// Vectors that hyp code itself installs: the processor enters each slot.
	.pushsection .hyp.text, "ax"
	.balign	2048
new_vectors:
	.rept	15
	.balign	128
	b	.
	.endr
	.balign	128
	bl	host_call		// WARN hyp-call 'host_call'
	b	.
	.balign	2048
new_vectors_with_vhe:
	.rept	15
	.balign	128
	b	.
	.endr
	.balign	128
	bl	host_call		// VHE hyp-call 'host_call'
	b	.
	.popsection

	code	installs_vectors, .hyp.text
	load_address x9, new_vectors
	msr	vbar_el2, x9
	if_vhe	1f
	ret
1:	load_address x9, new_vectors_with_vhe
	msr	vbar_el2, x9
	ret
	end_code installs_vectors

	// One read for all, through a kernel address that VHE alone has loaded.
	.pushsection .rodata, "a", %progbits
	.balign	8
	.type	kernel_pointer, %object
kernel_pointer:
	.quad	host_bss
	.size	kernel_pointer, . - kernel_pointer
	.popsection

	code	read_with_vhe, .hyp.text
	mov	x1, x0
	if_vhe	1f
2:	ldr	w2, [x1]		// VHE hyp-absolute 'host_bss'
	ret
1:	load_value x1, kernel_pointer
	b	2b
	end_code read_with_vhe

	code	read_without_vhe, .hyp.text
	mov	x1, x0
	if_vhe	2f
	load_value x1, kernel_pointer
2:	ldr	w2, [x1]		// WARN hyp-absolute 'host_bss'
	ret
	end_code read_without_vhe

	hyp_entry installs_vectors
	hyp_entry jumps_to_slot, calls_slot, jumps_to_slot_with_vhe, sets_stack, sets_stack_with_vhe
	hyp_entry reads_pool_as_table, reads_pool, store_with_vhe, store_without_vhe
	hyp_entry literal_with_vhe, literal_without_vhe, taken_with_vhe, taken_without_vhe
	hyp_entry read_with_vhe, read_without_vhe
