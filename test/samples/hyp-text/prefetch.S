// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A prefetch of something unmapped does nothing, and one for writing does not
 * write. The real accesses beside them count.
 */
#include "../include/hyp-asm.h"

	object	host_data, .data
	object	host_bss, .bss, %nobits

	code	prefetches, .hyp.text
	adrp	x8, host_data; prfm pldl1keep, [x8, :lo12:host_data]
	adrp	x9, host_bss; prfm pstl1strm, [x9, :lo12:host_bss]
	ret
	end_code prefetches

	code	accesses, .hyp.text
	load_value x0, host_data		// WARN hyp-data 'host_data'
	store_value x0, host_bss, x9		// WARN hyp-write 'host_bss'
	ret
	end_code accesses

	hyp_entry prefetches, accesses
