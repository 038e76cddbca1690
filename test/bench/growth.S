// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Hyp code in any amount, for measuring how the check's time grows with it:
 * COPIES functions in .hyp.text, as in kernels up to 5.8, each with a call into
 * .text behind has_vhe(), so that the check has to follow the control flow of each
 * to find it harmless. Assemble with --defsym COPIES=n.
 *
 * Every function calls the next one, and only every sixteenth is an entry: a checker
 * that follows calls by recursion ends up COPIES levels deep.
 */
	.altmacro
	.set	VHE, 11

	/* A static key's row: branch, target, key; each relative to its own field. */
	.macro	key_row branch, target, key
	.pushsection __jump_table, "aw"
	.balign	8
	.long	\branch - ., \target - .
	.quad	\key - .
	.popsection
	.endm

	.macro	function this, next
	.globl	hyp_function_\this
	.type	hyp_function_\this, %function
hyp_function_\this:
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x19, [sp, #16]
	mov	x19, x0
	adrp	x1, host_table
	ldr	x2, [x1, #:lo12:host_table]
	add	x19, x19, x2
	/* has_vhe(): the capabilities are final, and VHE is one; else the bit itself. */
.Lready\@:
	b	.Lbit\@
	key_row	.Lready\@, .Lbit\@, <arm64_const_caps_ready + 1>
.Lkey\@:
	nop
	key_row	.Lkey\@, .Lvhe\@, <cpu_hwcap_keys + 16 * VHE>
	b	.Lnvhe\@
.Lbit\@:
	adrp	x0, cpu_hwcaps
	ldr	x0, [x0, #:lo12:cpu_hwcaps]
	tbz	x0, #VHE, .Lnvhe\@
.Lvhe\@:
	mov	x0, x19
	bl	host_call
	cbz	x0, .Lout\@
	bl	host_call
	b	.Lout\@
.Lnvhe\@:
	mrs	x0, hcr_el2
	and	x0, x0, #~(1 << 27)
	msr	hcr_el2, x0
	isb
	cmp	x19, #4
	b.lo	.Lout\@
	sub	x0, x19, #4
	bl	hyp_function_\next
.Lout\@:
	mov	x0, x19
	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	.size	hyp_function_\this, . - hyp_function_\this
	.if	(\this % 16) == 0
	.pushsection .data.entries, "aw"
	.quad	hyp_function_\this
	.popsection
	.endif
	.endm

	.section .hyp.text, "ax"
	.set	number, 0
	.rept	COPIES
	function %number, %((number + 1) % COPIES)
	.set	number, number + 1
	.endr

	.text
	.globl	host_call
	.type	host_call, %function
host_call:
	mov	x0, xzr
	ret
	.size	host_call, . - host_call

	.section .rodata, "a"
	.balign	8
	.type	host_table, %object
host_table:
	.quad	1
	.size	host_table, . - host_table

	.bss
	.balign	8
	.globl	arm64_const_caps_ready, cpu_hwcap_keys, cpu_hwcaps
	.type	arm64_const_caps_ready, %object
arm64_const_caps_ready:
	.zero	16
	.size	arm64_const_caps_ready, 16
	.type	cpu_hwcap_keys, %object
cpu_hwcap_keys:
	.zero	16 * 48
	.size	cpu_hwcap_keys, 16 * 48
	.type	cpu_hwcaps, %object
cpu_hwcaps:
	.zero	8
	.size	cpu_hwcaps, 8
