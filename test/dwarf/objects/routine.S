/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Assembly with a macro, a function symbol, a bare label, and replacement code in a later subsection. */
	.macro	step reg
	add	\reg, \reg, #1
	eor	\reg, \reg, #3
	.endm

	.text
	.global	outside
	.type	outside, %function
outside:
	step	x0
	.subsection 1
	nop
	mov	x3, #7
	.previous
	cbz	x0, bare
	step	x0
	ret
	.size	outside, . - outside

bare:
	step	x1
	b	outside
