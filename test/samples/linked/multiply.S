/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Hyp code that a Cortex-A53 may execute wrongly (erratum 835769: a 64-bit
 * multiplication that adds, behind a load or store), so that GNU ld moves the
 * multiplication into a stub, and leads what would fall into the stubs around them.
 */
	.pushsection .hyp.text, "ax", %progbits
	.globl	multiplies
	.type	multiplies, %function
multiplies:
	adrp	x6, host_data
	ldr	x1, [x0]
	madd	x2, x3, x4, x5
	ldr	x0, [x6, :lo12:host_data]	// WARN hyp-data 'host_data'
	add	x0, x0, x2
	ret
	.size	multiplies, . - multiplies

	.globl	stores_first
	.type	stores_first, %function
stores_first:
	str	x1, [x0]
	smaddl	x2, w3, w4, x5
	b	multiplies
	.size	stores_first, . - stores_first
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
	.skip	8
	.popsection

	.pushsection .rodata, "a", %progbits
	.balign	8
	.quad	multiplies, stores_first
	.popsection
