// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Compilers put blocks behind calls that do not return. Whether a callee
 * returns is known by its name (panic and its kin) or found by looking.
 */
#include "../include/flow-asm.h"

	// It ends in an exception return: the caller is not come back to.
	code	__hyp_do_panic, .hyp.text
	ldr	x0, =panic
	msr	elr_el2, x0
	eret
	end_code __hyp_do_panic

	code	spins, .hyp.text
1:	wfe
	b	1b
	end_code spins

	code	calls_spins, .hyp.text
	cbz	x0, 1f
	bl	spins
1:	b	spins
	end_code calls_spins

	code	sometimes_spins, .hyp.text
	cbz	x0, 1f
	bl	spins
1:	ret
	end_code sometimes_spins

	code	behind_panic, .hyp.text
	if_vhe	1f
	bl	__hyp_do_panic
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_panic

	code	behind_spin, .hyp.text
	if_vhe	1f
	bl	spins
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_spin

	code	behind_spin_two_deep, .hyp.text
	if_vhe	1f
	bl	calls_spins
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_spin_two_deep

	code	behind_sometimes, .hyp.text
	if_vhe	1f
	bl	sometimes_spins
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_sometimes

	// Not in this link: nothing is known of it, so it returns. It is host code too.
	code	behind_unknown, .hyp.text
	if_vhe	1f
	bl	somewhere_else		// WARN hyp-call 'somewhere_else'
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_unknown

	// As laid out by compilers: panic, then the fallback test of the capability.
	code	behind_panic_and_test, .hyp.text
	if_vhe	2f
	bl	__hyp_do_panic
	load_value x0, cpu_hwcaps
	tbz	w0, #11, 3f
2:	bl	host_call		// VHE hyp-call 'host_call'
3:	ret
	end_code behind_panic_and_test

	hyp_entry behind_panic, behind_spin, behind_spin_two_deep, behind_sometimes
	hyp_entry behind_unknown, behind_panic_and_test
