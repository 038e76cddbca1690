// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Tables of a switch whose distances are made by relocations, as they count from
 * the table and that is in another section. Such a relocation may also be taken
 * for an address in the host's hands: VHE's arms are left open.
 */
#include "../include/flow-asm.h"

	.macro	dispatch table
	cmp	w0, #2
	b.hi	9f
	load_address x1, \table
	ldrsw	x2, [x1, w0, uxtw #2]
	add	x1, x1, x2
	br	x1
	.endm

	.pushsection .rodata.tables, "a"
	.balign	4
from_table:	.long .Lfirst - from_table, .Lsecond - from_table, .Lthird - from_table
with_gap:	.long .Lfourth - with_gap, .Lfifth - with_gap, .Lfourth - with_gap
	.popsection

	code	counts_from_table, .hyp.text
	if_vhe	8f
	dispatch from_table
.Lfirst:
	mov	x0, #1
	ret
.Lsecond:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
.Lthird:
	mov	x0, #3
	ret
8:	bl	host_call		// MAY hyp-call 'host_call'
9:	ret
	end_code counts_from_table

	// Which rows there are is seen in the table.
	code	leaves_out, .hyp.text
	dispatch with_gap
.Lfourth:
	mov	x0, #1
	ret
.Lfifth:
	mov	x0, #2
	ret
	bl	host_call		// VHE hyp-call 'host_call'
9:	ret
	end_code leaves_out

	hyp_entry counts_from_table, leaves_out
