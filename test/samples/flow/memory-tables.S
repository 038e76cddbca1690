// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Addresses of hyp functions in tables: whoever has the table may branch there.
 * A row in a patch table is not such an address.
 */
#include "../include/flow-asm.h"

	.section .hyp.text, "ax", %progbits
	.type	in_table, %function
in_table:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	in_table, . - in_table

	.type	in_literal, %function
in_literal:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	in_literal, . - in_literal

	.type	in_no_table, %function
in_no_table:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	.size	in_no_table, . - in_no_table

	.pushsection .rodata, "a"
	.balign	8
handlers:
	.quad	in_table
	.popsection

	code	dispatches, .hyp.text
	load_address x1, handlers
	ldr	x1, [x1, x0, lsl #3]
	str	x1, [x2]
	ldr	x3, =in_literal
	str	x3, [x2, #8]
	if_vhe	1f
	ret
1:	b	in_no_table
	.ltorg
	end_code dispatches

	// The site's row has the address of the function's first instruction.
	.pushsection .hyp.text, "ax"
	.type	has_a_row, %function
has_a_row:
	if_other 1f
	bl	host_call		// VHE hyp-call 'host_call'
1:	ret
	.size	has_a_row, . - has_a_row
	.popsection

	code	calls_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	b	has_a_row
	end_code calls_with_vhe

	hyp_entry dispatches, calls_with_vhe
