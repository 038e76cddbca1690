// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Literal pools are such slots too: each is rewritten at boot, so a host address
 * is wrong in one even if it is only handed out.
 */
#include "../../include/hyp-asm.h"

	code	idmap_entry, .idmap.text
	ldr	x0, =good_entry
	br	x0
	end_code idmap_entry

	code	good_entry
	ldr	x0, =good_entry
	br	x0
	end_code good_entry

	code	bad_entry
	ldr	x0, =host_function		// WARN hyp-absolute 'host_function'
	msr	elr_el2, x0
	eret
	end_code bad_entry
