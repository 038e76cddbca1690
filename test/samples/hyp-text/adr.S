// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Addresses without a page half: ADR, and the PC-relative LDR of a symbol.
 */
#include "../include/hyp-asm.h"

	object	near_data, .data
	object	near_bss, .bss, %nobits

	code	near_addresses, .hyp.text
	adr	x0, near_data			// WARN hyp-data 'near_data'
	adr	x1, near_bss
	ldr	x2, near_data			// WARN hyp-data 'near_data'
	ldr	x3, near_bss
	ldrsw	x4, near_data			// WARN hyp-data 'near_data'
	adr	x5, near_addresses
	adr	x6, other_hyp
	ret
	end_code near_addresses

	code	other_hyp, .hyp.text
	ret
	end_code other_hyp

	hyp_entry near_addresses, other_hyp
