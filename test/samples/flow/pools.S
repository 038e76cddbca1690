// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Pools of data among the code. Their words look like branches here, which they
 * are not; and a literal that is misused counts where its user runs.
 */
#include "../include/flow-asm.h"

	// The word is `b` to the block for VHE, 8 bytes on.
	code	word_is_no_branch, .hyp.text
	if_vhe	1f
	ret
	.inst	0xd503201f
	.word	0x14000002
	.word	0
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code word_is_no_branch

	// The same words as code are reached and branch.
	code	inst_is_a_branch, .hyp.text
	cbz	x0, 1f
	ret
1:	.inst	0x14000002
	ret
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code inst_is_a_branch

	code	over_a_pool, .hyp.text
	b	1f
	.word	0xd65f03c0, 0xd65f03c0
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code over_a_pool

	code	literal_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	ldr	x0, =panic; blr x0	// VHE hyp-absolute 'panic'
	ret
	end_code literal_with_vhe

	code	literal_without_vhe, .hyp.text
	if_vhe	1f
	ldr	x0, =host_call; blr x0	// WARN hyp-absolute 'host_call'
1:	ret
	.ltorg
	end_code literal_without_vhe

	hyp_entry word_is_no_branch, inst_is_a_branch, over_a_pool, literal_with_vhe, literal_without_vhe
