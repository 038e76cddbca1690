/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Hyp code whose branches are out of reach, so that a linker leads them to
 * veneers, and what is near. Linked by far.lds, which puts .text.far more than
 * 128 MB away.
 */
	.macro	function name, section
	.pushsection \section, "ax", %progbits
	.globl	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

	.macro	end_function name
	.size	\name, . - \name
	.popsection
	.endm

	function far_function, .text.far
	ret
	end_function far_function

	.pushsection .text.far, "ax", %progbits
	.type	far_local, %function
far_local:
	nop
	ret
	.size	far_local, . - far_local
	.popsection

	function near_function, .text
	ret
	end_function near_function

	function behind_hyp_text, .text.behind
	ret
	end_function behind_hyp_text

	function calls_far, .hyp.text
	stp	x29, x30, [sp, #-16]!
	bl	far_function		// WARN hyp-veneer 'far_function'
	ldp	x29, x30, [sp], #16
	ret
	end_function calls_far

	function jumps_far, .hyp.text
	b	far_function		// WARN hyp-veneer 'far_function'
	end_function jumps_far

	function calls_far_local, .hyp.text
	b	far_local		// WARN hyp-veneer 'far_local'
	end_function calls_far_local

	/* Nothing to lead anywhere. */
	function calls_near, .hyp.text
	b	near_function		// WARN hyp-call 'near_function'
	end_function calls_near

	function calls_hyp, .hyp.text
	b	calls_far
	end_function calls_hyp

	.pushsection .rodata, "a", %progbits
	.balign	8
	.quad	calls_far, jumps_far, calls_far_local, calls_near, calls_hyp
	.popsection
