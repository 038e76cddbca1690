// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Branches that leave a function for good: to local functions, conditional
 * ones, straight into host text, and into a part split off as cold.
 */
#include "../include/flow-asm.h"

	.section .hyp.text, "ax", %progbits
	.type	of_vhe, %function
of_vhe:
	b	host_call		// VHE hyp-call 'host_call'
	.size	of_vhe, . - of_vhe

	.type	of_all, %function
of_all:
	b	host_call		// WARN hyp-call 'host_call'
	.size	of_all, . - of_all

	.type	of_some, %function
of_some:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	of_some, . - of_some

	code	leaves, .hyp.text
	if_vhe	1f
	cbz	x0, of_some
	b	of_all
1:	b	of_vhe
	end_code leaves

	code	leaves_straight, .hyp.text
	if_vhe	1f
	ret
1:	b	host_call		// VHE hyp-call 'host_call'
	end_code leaves_straight

	code	leaves_on_condition, .hyp.text
	if_vhe	1f
	tbz	x0, #3, host_call	// WARN hyp-call 'host_call'
	ret
1:	tbnz	x0, #3, host_call	// VHE hyp-call 'host_call'
	ret
	end_code leaves_on_condition

	// What a compiler calls NAME.cold lies apart, and comes back.
	.type	split.cold, %function
split.cold:
	bl	host_call		// VHE hyp-call 'host_call'
	b	split_back
	.size	split.cold, . - split.cold

	.type	split_all.cold, %function
split_all.cold:
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	.size	split_all.cold, . - split_all.cold

	code	split, .hyp.text
	if_vhe	split.cold
	ret
split_back:
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code split

	code	split_all, .hyp.text
	cbnz	x0, split_all.cold
	ret
	end_code split_all

	hyp_entry leaves, leaves_straight, leaves_on_condition, split, split_all
