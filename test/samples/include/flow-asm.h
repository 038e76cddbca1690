/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For the assembly samples of control flow: host targets, and a branch on the
 * VHE static key, as a site of the relative table. The key's initial value is
 * false in all of them.
 */
#ifndef SAMPLES_FLOW_ASM_H
#define SAMPLES_FLOW_ASM_H

#include "hyp-asm.h"
#include "alternative.h"

#define VHE	11
#define OTHER	20

	host_function host_call
	host_function panic, .text.unlikely

	object	host_data, .data
	object	host_bss, .bss, %nobits

	.macro	key_row site, target, key
	.pushsection __jump_table, "aw"
	.balign	8
	.long	\site - ., \target - .
	.quad	\key - .
	.popsection
	.endm

	/* Go to \target if, and only if, this is VHE. */
	.macro	if_vhe target
9101:	nop
	key_row	9101b, \target, cpu_hwcap_keys + 16 * VHE
	.endm

	/* Go to \target if, and only if, this is not VHE. */
	.macro	unless_vhe target
9102:	b	\target
	key_row	9102b, \target, cpu_hwcap_keys + 16 * VHE + 1
	.endm

	/* Go to \target if the processor has something else. */
	.macro	if_other target
9103:	nop
	key_row	9103b, \target, cpu_hwcap_keys + 16 * OTHER
	.endm

	.pushsection .bss, "aw", %nobits
	.globl	cpu_hwcap_keys, cpu_hwcaps
	.balign	8
	.type	cpu_hwcap_keys, %object
cpu_hwcap_keys:	.zero 48 * 16
	.size	cpu_hwcap_keys, 48 * 16
	.type	cpu_hwcaps, %object
cpu_hwcaps:	.zero 8
	.size	cpu_hwcaps, 8
	.popsection
#endif
