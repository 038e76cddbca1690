// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every branch that carries a relocation, to host text and to hyp text.
 * Odd: a branch inside one section has no relocation at all, which is why
 * `near` is branched to from the same section and `far` by way of the idmap.
 */
#include "../include/hyp-asm.h"

	host_function host_target

	code	call_forms, .hyp.text
	bl	host_target		// WARN hyp-call 'host_target'
	cbz	x0, host_target		// WARN hyp-call 'host_target'
	cbnz	w1, host_target		// WARN hyp-call 'host_target'
	tbz	x2, #40, host_target	// WARN hyp-call 'host_target'
	tbnz	w3, #3, host_target	// WARN hyp-call 'host_target'
	b.ne	host_target		// WARN hyp-call 'host_target'
	b	host_target		// WARN hyp-call 'host_target'
	end_code call_forms

	code	near, .hyp.text
	bl	far
	cbz	x0, far
	cbnz	w1, far
	tbz	x2, #40, far
	tbnz	w3, #3, far
	b.ne	far
	b	far
	end_code near

	code	far, .hyp.text
	ret
	end_code far

	// The idmap is its own little world: it may branch to itself only, and
	// the way back from hyp text is by physical address.
	code	idmap_inner, .hyp.idmap.text
	ret
	end_code idmap_inner

	code	idmap_outer, .hyp.idmap.text
	bl	idmap_inner
	ret
	end_code idmap_outer

	code	calls_idmap, .hyp.text
	bl	idmap_inner		// WARN hyp-call 'idmap_inner'
	ret
	end_code calls_idmap

	hyp_entry call_forms, near, far, idmap_outer, calls_idmap
