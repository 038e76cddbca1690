// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The same in assembly, with branches and a callback whose function is freed
 * after boot: the patcher calls it, hyp code does not.
 */
#include "../include/hyp-asm.h"
#include "../include/alternative.h"

	host_function host_workaround
	host_function update_mask, .init.text

	code	patched, .hyp.text
	alternative "nop", "bl host_workaround", 20	// WARN hyp-call 'host_workaround'
	alternative "nop", "bl hyp_workaround", 20
	alternative "b host_workaround", "nop", 21	// WARN hyp-call 'host_workaround'
	alternative_cb "nop", update_mask, 22
	ret
	end_code patched

	code	hyp_workaround, .hyp.text
	ret
	end_code hyp_workaround

	hyp_entry patched, hyp_workaround
