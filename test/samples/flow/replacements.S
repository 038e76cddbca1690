// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Replacement code that calls hyp code or forms its address: it is executed where
 * the old code is, wherever it lies. Two alternatives of one instruction, and a
 * pointer that a test chooses.
 */
#include "../include/flow-asm.h"

	.macro	local_function name
	.pushsection .hyp.text, "ax"
	.type	\name, %function
\name:
	.endm

	.macro	end_local name
	.size	\name, . - \name
	.popsection
	.endm

	// Replacement code calls hyp code; its function is VHE's.
	local_function called_by_vhe
	hint	#40
	ret
	end_local called_by_vhe

	local_function has_replacement
	str	x30, [sp, #-16]!
	bl	host_call			// VHE hyp-call 'host_call'
	alternative "nop", "bl called_by_vhe", OTHER
	ldr	x30, [sp], #16
	ret
	end_local has_replacement

	code	calls_has_replacement, .hyp.text
	if_vhe	1f
	ret
1:	b	has_replacement
	end_code calls_has_replacement

	// Replacement forms the address of hyp code, VHE's replacement.
	local_function by_new_address
	bl	host_call			// VHE hyp-call 'host_call'
	ret
	end_local by_new_address

	code	forms_in_new_code, .hyp.text
	alternative "nop", "adrp x3, by_new_address", VHE
	alternative "nop", "add x3, x3, :lo12:by_new_address", VHE
	str	x3, [x0]
	ret
	end_code forms_in_new_code

	local_function by_old_address
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local by_old_address

	code	forms_in_old_code, .hyp.text
	alternative "adrp x3, by_old_address", "nop", VHE
	alternative "add x3, x3, :lo12:by_old_address", "nop", VHE
	str	x3, [x0]
	ret
	end_code forms_in_old_code

	// Called in VHE's replacement only.
	local_function called_in_new_code
	bl	host_call			// VHE hyp-call 'host_call'
	ret
	end_local called_in_new_code

	code	calls_in_new_code, .hyp.text
	str	x30, [sp, #-16]!
	alternative "nop", "bl called_in_new_code", VHE
	ldr	x30, [sp], #16
	ret
	end_code calls_in_new_code

	local_function called_in_new_code_of_other
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local called_in_new_code_of_other

	code	calls_in_new_code_of_other, .hyp.text
	str	x30, [sp, #-16]!
	alternative "nop", "bl called_in_new_code_of_other", OTHER
	ldr	x30, [sp], #16
	ret
	end_code calls_in_new_code_of_other

	// Host code: __kvm_call_hyp of 4.16.
	local_function called_by_host_with_vhe
	bl	host_call			// VHE hyp-call 'host_call'
	ret
	end_local called_by_host_with_vhe

	code	host_calls_with_vhe
	alternative "hvc #0", "b called_by_host_with_vhe", VHE
	ret
	end_code host_calls_with_vhe

	local_function called_by_host_with_other
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local called_by_host_with_other

	code	host_calls_with_other
	alternative "hvc #0", "b called_by_host_with_other", OTHER
	ret
	end_code host_calls_with_other

	// Two alternatives on one instruction.
	code	two_alts, .hyp.text
	.macro	two_rows first, second
661:	nop
662:	.pushsection .altinstructions, "a"
	.long	661b - ., 663f - .
	.hword	\first
	.byte	4, 4
	.long	661b - ., 665f - .
	.hword	\second
	.byte	4, 4
	.popsection
	.pushsection .altinstr_replacement, "ax"
663:	b	9141f
665:	b	9142f
	.popsection
	.endm
	two_rows VHE, OTHER
	ret
9141:	bl	host_call			// VHE hyp-call 'host_call'
	ret
9142:	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_code two_alts

	// CSEL of two addresses.
	local_function chosen_with_vhe
	bl	host_call			// VHE hyp-call 'host_call'
	ret
	end_local chosen_with_vhe

	local_function chosen_without_vhe
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local chosen_without_vhe

	code	selects, .hyp.text
	load_address x3, chosen_with_vhe
	load_address x4, chosen_without_vhe
	load_value x5, cpu_hwcaps
	tst	x5, #(1 << VHE)
	csel	x3, x3, x4, ne
	br	x3
	end_code selects

	local_function chosen_with_other
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local chosen_with_other

	local_function chosen_without_other
	bl	host_call			// WARN hyp-call 'host_call'
	ret
	end_local chosen_without_other

	code	selects_other, .hyp.text
	load_address x3, chosen_with_other
	load_address x4, chosen_without_other
	load_value x5, cpu_hwcaps
	tst	x5, #(1 << OTHER)
	csel	x3, x3, x4, ne
	br	x3
	end_code selects_other

	hyp_entry calls_has_replacement, forms_in_new_code, forms_in_old_code, calls_in_new_code, calls_in_new_code_of_other
	hyp_entry two_alts, selects, selects_other
