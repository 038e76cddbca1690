// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Callbacks the new way: bit 15 of the row's capability, the rest its number.
 * Under VHE's own number the callback never runs without VHE, so the original
 * stands; under another's it may.
 */
#include "../include/flow-asm.h"

	host_function patch_nops, .init.text

	code	branch_stays, .hyp.text
	alternative_cb "b 1f", patch_nops, (0x8000 | VHE)
	bl	host_call		// VHE hyp-call 'host_call'
1:	ret
	end_code branch_stays

	code	branch_may_go, .hyp.text
	alternative_cb "b 1f", patch_nops, (0x8000 | OTHER)
	bl	host_call		// WARN hyp-call 'host_call'
1:	ret
	end_code branch_may_go

	code	branch_stays_inverted, .hyp.text
	alternative_cb "b 1f", patch_nops, (0x8000 | VHE)
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code branch_stays_inverted

	hyp_entry branch_stays, branch_may_go, branch_stays_inverted
