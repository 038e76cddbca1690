// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Data that only VHE touches. An access counts where it is made: a page half
 * formed in front of the guard does not make the load behind it everybody's.
 */
#include "../include/flow-asm.h"

	code	loads_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	load_value x0, host_data	// VHE hyp-data 'host_data'
	store_value x0, host_bss, x1	// VHE hyp-write 'host_bss'
	load_address x0, host_call	// VHE hyp-data 'host_call'
	msr	vbar_el1, x0
	ret
	end_code loads_with_vhe

	code	loads_without_vhe, .hyp.text
	if_vhe	1f
	load_value x0, host_data	// WARN hyp-data 'host_data'
	store_value x0, host_bss, x1	// WARN hyp-write 'host_bss'
	load_address x0, host_call	// WARN hyp-data 'host_call'
	msr	vbar_el1, x0
1:	ret
	end_code loads_without_vhe

	code	page_in_front, .hyp.text
	adrp	x0, host_data
	if_vhe	1f
	ret
1:	ldr	x0, [x0, :lo12:host_data]	// VHE hyp-data 'host_data'
	ret
	end_code page_in_front

	code	page_in_front_inverted, .hyp.text
	adrp	x0, host_data
	if_vhe	1f
	ldr	x0, [x0, :lo12:host_data]	// WARN hyp-data 'host_data'
1:	ret
	end_code page_in_front_inverted

	// One page half, two loads of the symbol, one of them VHE's: live.
	code	page_for_both, .hyp.text
	adrp	x8, host_data
	if_vhe	1f
	ldr	x0, [x8, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
1:	ldr	x0, [x8, :lo12:host_data]
	ret
	end_code page_for_both

	// Formed by all, taken over by VHE's replacement only.
	code	only_for_replacement, .hyp.text
	mov	x0, x2
	load_address x1, host_data		// VHE hyp-data 'host_data'
	alternative "nop", "mov x0, x1", VHE
	ldr	x0, [x0]
	ret
	end_code only_for_replacement

	code	not_only_for_replacement, .hyp.text
	mov	x0, x2
	load_address x1, host_data		// WARN hyp-data 'host_data'
	alternative "mov x0, x1", "nop", VHE
	ldr	x0, [x0]
	ret
	end_code not_only_for_replacement

	code	for_replacement_and_more, .hyp.text
	mov	x0, x2
	load_address x1, host_data		// WARN hyp-data 'host_data'
	alternative "nop", "mov x0, x1", VHE
	str	x1, [x0]
	ret
	end_code for_replacement_and_more

	hyp_entry loads_with_vhe, loads_without_vhe, page_in_front, page_in_front_inverted, page_for_both
	hyp_entry only_for_replacement, not_only_for_replacement, for_replacement_and_more
