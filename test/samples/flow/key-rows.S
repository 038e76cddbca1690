// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * All of a site's forms: bit 0 of the row, and the instruction that was
 * assembled (it tells the key's initial value). On a machine without VHE a site
 * branches if, and only if, bit 0 is set, whatever stands there now.
 * Bit 1 of the row only says that the site lies in init text.
 */
#include "../include/flow-asm.h"

	.macro	site insn:vararg
9110:	\insn
	.endm

	.macro	row target, bits
	key_row	9110b, \target, cpu_hwcap_keys + 16 * VHE + \bits
	.endm

	code	bit0_clear_nop, .hyp.text
	site	nop
	row	1f, 0
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code bit0_clear_nop

	code	bit0_clear_branch, .hyp.text
	site	b 1f
	row	1f, 0
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code bit0_clear_branch

	code	bit0_set_nop, .hyp.text
	site	nop
	row	1f, 1
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code bit0_set_nop

	code	bit0_set_branch, .hyp.text
	site	b 1f
	row	1f, 1
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code bit0_set_branch

	code	bit1_is_no_polarity, .hyp.text
	site	nop
	row	1f, 2
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code bit1_is_no_polarity

	code	backwards, .hyp.text
	b	2f
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
2:	site	nop
	row	1b, 0
	ret
	end_code backwards

	// Without a row a nop is a nop and a branch a branch.
	code	no_row, .hyp.text
	nop
	b	1f
	bl	host_call		// VHE hyp-call 'host_call'
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code no_row

	// Another processor feature's key may be either way.
	code	unknown_key, .hyp.text
	if_other 1f
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code unknown_key

	hyp_entry bit0_clear_nop, bit0_clear_branch, bit0_set_nop, bit0_set_branch
	hyp_entry bit1_is_no_polarity, backwards, no_row, unknown_key
