// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Symbols do not end code: what does not leave runs on into the next one. All
 * that is not listed as an entry is local.
 */
#include "../include/flow-asm.h"

	.section .hyp.text, "ax", %progbits
	.type	runs_on, %function
runs_on:
	mov	x0, #1
	.size	runs_on, . - runs_on

	.type	run_into, %function
run_into:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	run_into, . - run_into

	.type	stops, %function
stops:
	if_vhe	not_run_into
	ret
	.size	stops, . - stops

	.type	not_run_into, %function
not_run_into:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	.size	not_run_into, . - not_run_into

	.type	runs_on_with_vhe, %function
runs_on_with_vhe:
	unless_vhe 1f
	mov	x0, #2
	b	2f
1:	ret
2:	nop
	.size	runs_on_with_vhe, . - runs_on_with_vhe

	.type	run_into_with_vhe, %function
run_into_with_vhe:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	.size	run_into_with_vhe, . - run_into_with_vhe

	// Padding between functions is run through as well.
	.type	runs_through_padding, %function
runs_through_padding:
	mov	x0, #3
	.size	runs_through_padding, . - runs_through_padding
	nop
	.balign	64
	.type	behind_padding, %function
behind_padding:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	behind_padding, . - behind_padding

	// Two entries to one body.
	.type	first_entry, %function
first_entry:
	if_vhe	second_entry
	ret
	.type	second_entry, %function
second_entry:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	.size	first_entry, . - first_entry

	.type	third_entry, %function
third_entry:
	if_vhe	fourth_entry
	ret
	.type	fourth_entry, %function
fourth_entry:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	third_entry, . - third_entry

	hyp_entry runs_on, stops, runs_on_with_vhe, runs_through_padding, first_entry, third_entry
	hyp_entry fourth_entry
