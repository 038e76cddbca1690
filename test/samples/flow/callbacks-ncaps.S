// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Callbacks the old way: the row's capability is the number of capabilities (48
 * here), its replacement has no length. The patcher runs the callback always,
 * and what it writes cannot be read here: go on with the next instruction, or
 * (a branch that may be overwritten) either way.
 */
#include "../include/flow-asm.h"

	host_function patch_nops, .init.text

	code	always_patched, .hyp.text
	alternative_cb "nop", patch_nops, 48
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code always_patched

	code	branch_always_patched, .hyp.text
	alternative_cb "b 1f", patch_nops, 48
	bl	host_call		// WARN hyp-call 'host_call'
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code branch_always_patched

	code	behind_vhe, .hyp.text
	if_vhe	1f
	alternative_cb "nop", patch_nops, 48
	ret
1:	alternative_cb "nop", patch_nops, 48
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_vhe

	hyp_entry always_patched, branch_always_patched, behind_vhe
