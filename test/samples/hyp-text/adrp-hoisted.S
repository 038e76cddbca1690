// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The page half stands far from the half that completes it, with a branch and
 * another pair of the same register between. The warning is for the access.
 */
#include "../include/hyp-asm.h"

	object	far_data, .data
	object	far_bss, .bss, %nobits

	code	hoisted, .hyp.text
	adrp	x8, far_data
	adrp	x9, far_bss
	cbz	x0, 1f
	mov	x1, #0
	ldr	x2, [x9, :lo12:far_bss]
	add	x1, x1, x2
1:	ldr	x3, [x8, :lo12:far_data]		// WARN hyp-data 'far_data'
	adrp	x8, far_bss
	ldr	x4, [x8, :lo12:far_bss]
	ret
	end_code hoisted

	// Here the register is used again before the branch target needs it.
	code	reused, .hyp.text
	adrp	x8, far_bss
	ldr	x8, [x8, :lo12:far_bss]
	cbz	x8, 1f
	adrp	x8, far_data; ldr x8, [x8, :lo12:far_data]	// WARN hyp-data 'far_data'
1:	ret
	end_code reused

	hyp_entry hoisted, reused
