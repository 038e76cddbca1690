/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Hyp code that a Cortex-A53 may execute wrongly (erratum 843419: an ADRP in one
 * of the last two words of a page, a load or store, and a load or store of what
 * the ADRP formed), so that a linker moves the last one into a stub. What it is
 * the load or store of stays what it was.
 */
	.pushsection .hyp.text, "ax", %progbits
	.balign	4096
	.globl	on_the_edge
	.type	on_the_edge, %function
on_the_edge:
	.rept	1022
	nop
	.endr
	adrp	x0, host_data
	str	x2, [x1]
	ldr	x3, [x0, :lo12:host_data]	// WARN hyp-data 'host_data'
	mov	x0, x3
	ret
	.size	on_the_edge, . - on_the_edge

	.globl	on_another_edge
	.type	on_another_edge, %function
	.balign	4096
on_another_edge:
	.rept	1022
	nop
	.endr
	adrp	x0, host_bss
	str	x2, [x1]
	ldr	x3, [x0, :lo12:host_bss]
	mov	x0, x3
	ret
	.size	on_another_edge, . - on_another_edge
	.popsection

	.pushsection .data, "aw", %progbits
	.globl	host_data
	.type	host_data, %object
	.balign	8
host_data:
	.quad	1
	.size	host_data, 8
	.popsection

	.pushsection .bss, "aw", %nobits
	.globl	host_bss
	.type	host_bss, %object
	.balign	8
host_bss:
	.skip	8
	.size	host_bss, 8
	.popsection

	.pushsection .rodata, "a", %progbits
	.balign	8
	.quad	on_the_edge, on_another_edge
	.popsection
