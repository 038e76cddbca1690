/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Assembly helpers of the samples. A macro's instructions all carry the line of
 * the macro's use, so the two halves of an address stand on one line here.
 */
#ifndef SAMPLES_HYP_ASM_H
#define SAMPLES_HYP_ASM_H

	.macro	code name, section=.text
	.pushsection \section, "ax", %progbits
	.globl	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

	.macro	end_code name
	.size	\name, . - \name
	.popsection
	.endm

	/* An eight-byte object. */
	.macro	object name, section, type=%progbits
	.pushsection \section, "aw", \type
	.globl	\name
	.type	\name, %object
	.balign	8
\name:	.zero	8
	.size	\name, 8
	.popsection
	.endm

	/* A host function of one instruction. */
	.macro	host_function name, section=.text
	code	\name, \section
	ret
	end_code \name
	.endm

	.macro	load_address register, symbol
	adrp	\register, \symbol
	add	\register, \register, :lo12:\symbol
	.endm

	.macro	load_value register, symbol
	adrp	\register, \symbol
	ldr	\register, [\register, :lo12:\symbol]
	.endm

	/* Into wN, by way of xN. */
	.macro	load_word number, symbol:vararg
	adrp	x\number, \symbol
	ldr	w\number, [x\number, :lo12:\symbol]
	.endm

	.macro	store_value register, symbol, scratch
	adrp	\scratch, \symbol
	str	\register, [\scratch, :lo12:\symbol]
	.endm

	/* Host code takes the addresses: roots. */
	.macro	hyp_entry names:vararg
	.pushsection .rodata.entries, "a", %progbits
	.balign	8
	.irp	name, \names
	.quad	\name
	.endr
	.popsection
	.endm
#endif
