// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel addresses that MOVZ, MOVN and MOVK build: no addresses at EL2, but the
 * host may be given one. The place is that of the first instruction. Numbers are
 * built in the same way.
 */
#include "../include/hyp-asm.h"

	code	reads_through, .hyp.text
	movz	x0, #:abs_g3:host_data		// WARN hyp-absolute 'host_data'
	movk	x0, #:abs_g2_nc:host_data
	movk	x0, #:abs_g1_nc:host_data
	movk	x0, #:abs_g0_nc:host_data
	ldr	x1, [x0]
	ret
	end_code reads_through

	/* Others stand between, and the lowest bits come first. */
	code	branches_to, .hyp.text
	movz	x2, #:abs_g0_nc:host_function	// WARN hyp-absolute 'host_function'
	mov	x3, x2
	movk	x2, #:abs_g1_nc:host_function
	movk	x2, #:abs_g2_nc:host_function
	add	x1, x1, #1
	movk	x2, #:abs_g3:host_function
	br	x2
	end_code branches_to

	code	hands_over, .hyp.text
	movz	x0, #:abs_g3:host_data
	movk	x0, #:abs_g2_nc:host_data
	movk	x0, #:abs_g1_nc:host_data
	movk	x0, #:abs_g0_nc:host_data
	str	x0, [x1]
	ret
	end_code hands_over

	code	counts, .hyp.text
	mov	x0, #0x1234
	movk	x0, #0x8000, lsl #32
	movk	x0, #0xffff, lsl #48
	mov	x1, #-1
	movk	x1, #0x1234
	mov	x2, #0x5678
	ldr	x0, [x0, x2]
	ret
	end_code counts

	hyp_entry reads_through, branches_to, hands_over, counts

	object	host_data, .data
	host_function host_function
