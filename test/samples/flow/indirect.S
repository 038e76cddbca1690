// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Branches through registers that nobody can read: what may be meant counts as
 * reached. Whether a block for VHE in the same function does is left open.
 */
#include "../include/flow-asm.h"

	// An address inside the function is formed and branched to.
	code	to_a_label, .hyp.text
	adr	x3, 1f
	br	x3
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code to_a_label

	// A table in a form that no compiler makes.
	code	through_odd_table, .hyp.text
	adr	x3, 2f
	ldrb	w4, [x3, x0]
	eor	x4, x4, #0x3f
	add	x3, x3, x4
	br	x3
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	hint	#40
	bl	host_call		// WARN hyp-call 'host_call'
	ret
2:	.byte	0x11, 0x22, 0x33, 0x44
	end_code through_odd_table

	// Out of the function by a pointer of the caller's.
	code	to_a_pointer, .hyp.text
	if_vhe	1f
	br	x3
1:	bl	host_call		// MAY hyp-call 'host_call'
	ret
	end_code to_a_pointer

	code	to_a_pointer_after, .hyp.text
	bl	host_call		// WARN hyp-call 'host_call'
	br	x3
	end_code to_a_pointer_after

	// A call through a pointer comes back.
	code	by_a_pointer, .hyp.text
	blr	x3
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code by_a_pointer

	code	by_a_pointer_guarded, .hyp.text
	if_vhe	1f
	blr	x3
	ret
1:	blr	x3
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code by_a_pointer_guarded

	// A function whose address hyp code itself takes, where not only VHE does.
	code	takes_address, .hyp.text
	load_address x0, taken
	str	x0, [x1]
	ret
	end_code takes_address

	code	taken, .hyp.text
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code taken

	code	takes_address_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	load_address x0, taken_with_vhe
	str	x0, [x1]
	ret
	end_code takes_address_with_vhe

	.pushsection .hyp.text, "ax"
	.type	taken_with_vhe, %function
taken_with_vhe:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	.size	taken_with_vhe, . - taken_with_vhe
	.popsection

	hyp_entry to_a_label, through_odd_table, to_a_pointer, to_a_pointer_after
	hyp_entry by_a_pointer, by_a_pointer_guarded, takes_address, takes_address_with_vhe
