// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The host's panic handler: its address is made a host address and returned to
 * by ERET. That is the one function that does so.
 */
#include "../../include/hyp-asm.h"

	code	__hyp_do_panic
	load_address x0, nvhe_hyp_panic_handler
	msr	elr_el2, x0
	eret
	end_code __hyp_do_panic

	code	calls_the_handler
	bl	nvhe_hyp_panic_handler		// WARN hyp-call 'nvhe_hyp_panic_handler'
	ret
	end_code calls_the_handler

	code	reset, .idmap.text
	load_address x5, __hyp_stub_vectors
	msr	vbar_el2, x5
	eret
	end_code reset
