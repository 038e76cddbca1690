// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Conditional compares: compilers make one test of `has_vhe() && ...` where the
 * capability is a number. NZCV is what the flags are where nothing is compared.
 */
#include "../include/flow-asm.h"

	.macro	test_vhe
	load_value x1, cpu_hwcaps
	tst	x1, #(1 << VHE)
	.endm

	.macro	beyond name, condition, instruction:vararg
	code	\name, .hyp.text
	test_vhe
	\instruction
	b.\condition 9131f
	ret
9131:
	.endm

	// vhe && x0 != 3
	beyond	vhe_and, ne, ccmp x0, #3, #4, ne
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code vhe_and

	// !vhe && x0 != 3
	beyond	not_vhe_and, ne, ccmp x0, #3, #4, eq
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code not_vhe_and

	// !vhe || x0 != 3
	beyond	not_vhe_or, ne, ccmp x0, #3, #0, ne
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code not_vhe_or

	// vhe && w0 + w2 carries
	beyond	vhe_and_carry, hs, ccmn w0, w2, #0, ne
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code vhe_and_carry

	// !vhe || no carry
	beyond	not_vhe_or_carry, lo, ccmn w0, w2, #0, ne
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code not_vhe_or_carry

	// x0 == 3 && vhe: the test of the other comes first.
	code	other_and_vhe, .hyp.text
	load_value x1, cpu_hwcaps
	and	x1, x1, #(1 << VHE)
	cmp	x0, #3
	ccmp	x1, #0, #4, eq
	b.ne	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code other_and_vhe

	code	other_and_not_vhe, .hyp.text
	load_value x1, cpu_hwcaps
	and	x1, x1, #(1 << VHE)
	cmp	x0, #3
	ccmp	x1, #0, #0, eq
	b.eq	1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code other_and_not_vhe

	hyp_entry vhe_and, not_vhe_and, not_vhe_or, vhe_and_carry, not_vhe_or_carry
	hyp_entry other_and_vhe, other_and_not_vhe
