// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What an alternative under the VHE capability says: the original stays.
 */
#include "../include/flow-asm.h"

	code	replaced_by_call, .hyp.text
	alternative "nop", "bl host_call", VHE		// VHE hyp-call 'host_call'
	ret
	end_code replaced_by_call

	code	call_replaced, .hyp.text
	alternative "bl host_call", "nop", VHE		// WARN hyp-call 'host_call'
	ret
	end_code call_replaced

	code	other_replaced_by_call, .hyp.text
	alternative "nop", "bl host_call", OTHER	// WARN hyp-call 'host_call'
	ret
	end_code other_replaced_by_call

	code	skipped_without_vhe, .hyp.text
	alternative "b 1f", "nop", VHE
	bl	host_call		// VHE hyp-call 'host_call'
1:	ret
	end_code skipped_without_vhe

	code	skipped_with_vhe, .hyp.text
	alternative "nop", "b 1f", VHE
	bl	host_call		// WARN hyp-call 'host_call'
1:	ret
	end_code skipped_with_vhe

	code	jumped_to_with_vhe, .hyp.text
	alternative "nop", "b 1f", VHE
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code jumped_to_with_vhe

	code	jumped_to_with_other, .hyp.text
	alternative "nop", "b 1f", OTHER
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code jumped_to_with_other

	code	skipped_without_other, .hyp.text
	alternative "b 1f", "nop", OTHER
	bl	host_call		// WARN hyp-call 'host_call'
1:	ret
	end_code skipped_without_other

	// Two rows for one place: either replacement, or neither.
	code	two_rows, .hyp.text
661:	nop			// VHE hyp-call 'host_call'
662:	alternative_row VHE
663:	bl	host_call
664:
#ifdef ALT_SUBSECTION
	.previous
#else
	.popsection
#endif
	alternative_row OTHER
663:	b	1f
664:
#ifdef ALT_SUBSECTION
	.previous
#else
	.popsection
#endif
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code two_rows

	// Several instructions at once, the second of them the one that matters.
	code	two_instructions, .hyp.text
661:	mov	x0, #0
	cbz	x0, 1f
662:	alternative_row VHE
663:	mov	x0, #1
	nop
664:
#ifdef ALT_SUBSECTION
	.previous
#else
	.popsection
#endif
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code two_instructions

	hyp_entry replaced_by_call, call_replaced, other_replaced_by_call, skipped_without_vhe, skipped_with_vhe
	hyp_entry jumped_to_with_vhe, jumped_to_with_other, skipped_without_other, two_rows, two_instructions
