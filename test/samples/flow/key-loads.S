// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * JUMP_LABEL=n: a key is a counter of 4 bytes in memory, on if greater than 0.
 * VHE's is never on without VHE, arm64_const_caps_ready always is.
 * Odd: no __jump_table at all in this object; that, and the size of
 * cpu_hwcap_keys (48 times 4), is what tells the layout.
 */
#include "../include/hyp-asm.h"

	host_function host_call
	object	host_data, .data
	.pushsection .bss, "aw", %nobits
	.globl	cpu_hwcap_keys, arm64_const_caps_ready, unrelated_key
	.balign	4
	.type	cpu_hwcap_keys, %object
cpu_hwcap_keys:	.zero 48 * 4
	.size	cpu_hwcap_keys, 48 * 4
	.type	arm64_const_caps_ready, %object
arm64_const_caps_ready:	.zero 4
	.size	arm64_const_caps_ready, 4
	.type	unrelated_key, %object
unrelated_key:	.zero 4
	.size	unrelated_key, 4
	.popsection

	code	compare_le, .hyp.text
	load_word 0, cpu_hwcap_keys + 44
	cmp	w0, #0
	b.le	1f
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code compare_le

	code	compare_gt, .hyp.text
	load_word 0, cpu_hwcap_keys + 44
	cmp	w0, #0
	b.gt	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code compare_gt

	code	compare_ge_one, .hyp.text
	load_word 0, cpu_hwcap_keys + 44
	cmp	w0, #1
	b.ge	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code compare_ge_one

	code	compare_next_key, .hyp.text
	load_word 0, cpu_hwcap_keys + 48
	cmp	w0, #0
	b.gt	1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code compare_next_key

	code	base_and_offset, .hyp.text
	load_address x0, cpu_hwcap_keys
	ldr	w0, [x0, #44]
	cmp	w0, #0
	b.gt	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code base_and_offset

	code	base_and_next_offset, .hyp.text
	load_address x0, cpu_hwcap_keys
	ldr	w0, [x0, #48]
	cmp	w0, #0
	b.gt	1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code base_and_next_offset

	code	ready_le, .hyp.text
	load_word 0, arm64_const_caps_ready
	cmp	w0, #0
	b.le	1f
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code ready_le

	code	unrelated, .hyp.text
	load_word 0, unrelated_key
	cmp	w0, #0
	b.le	1f
	bl	host_call		// WARN hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code unrelated

	code	compare_cbnz, .hyp.text
	load_word 0, cpu_hwcap_keys + 44
	cbnz	w0, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code compare_cbnz

	// An address that the key's value chooses is not known here.
	code	chosen_by_select, .hyp.text
	load_word 0, cpu_hwcap_keys + 44
	cmp	w0, #0
	csel	x1, x2, x3, gt
	cbnz	x1, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code chosen_by_select

	hyp_entry compare_le, compare_gt, compare_ge_one, compare_next_key, base_and_offset
	hyp_entry base_and_next_offset, ready_le, unrelated, compare_cbnz, chosen_by_select
