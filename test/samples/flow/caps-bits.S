// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Tests of bit 11 of cpu_hwcaps in the forms compilers choose, each with its
 * opposite or its neighbour's bit. A mask of two bits tells nothing.
 */
#include "../include/flow-asm.h"

	code	tbnz_bit, .hyp.text
	load_value x0, cpu_hwcaps
	tbnz	x0, #11, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code tbnz_bit

	code	tbz_bit, .hyp.text
	load_value x0, cpu_hwcaps
	tbz	w0, #11, 1f
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code tbz_bit

	code	tbnz_next_bit, .hyp.text
	load_value x0, cpu_hwcaps
	tbnz	x0, #12, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code tbnz_next_bit

	code	tst_ne, .hyp.text
	load_value x0, cpu_hwcaps
	tst	x0, #1 << 11
	b.ne	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code tst_ne

	code	tst_eq, .hyp.text
	load_value x0, cpu_hwcaps
	tst	x0, #1 << 11
	b.eq	1f
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code tst_eq

	code	tst_two_bits, .hyp.text
	load_value x0, cpu_hwcaps
	tst	x0, #3 << 11
	b.ne	1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code tst_two_bits

	code	and_cbnz, .hyp.text
	load_value x0, cpu_hwcaps
	and	x1, x0, #1 << 11
	cbnz	x1, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code and_cbnz

	code	and_cbz, .hyp.text
	load_value x0, cpu_hwcaps
	and	x1, x0, #1 << 11
	cbz	x1, 1f
	bl	host_call		// VHE hyp-call 'host_call'
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code and_cbz

	code	ubfx_cbnz, .hyp.text
	load_value x0, cpu_hwcaps
	ubfx	x1, x0, #11, #1
	cbnz	w1, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code ubfx_cbnz

	code	ubfx_two_bits, .hyp.text
	load_value x0, cpu_hwcaps
	ubfx	x1, x0, #11, #2
	cbnz	w1, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code ubfx_two_bits

	code	lsr_tbnz, .hyp.text
	load_value x0, cpu_hwcaps
	lsr	x1, x0, #11
	tbnz	w1, #0, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code lsr_tbnz

	code	lsr_wrong_bit, .hyp.text
	load_value x0, cpu_hwcaps
	lsr	x1, x0, #10
	tbnz	w1, #0, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code lsr_wrong_bit

	code	ands_ne, .hyp.text
	load_value x0, cpu_hwcaps
	ands	x0, x0, #1 << 11
	b.ne	1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code ands_ne

	// The low word is as good; what lies behind cpu_hwcaps is not.
	code	low_word, .hyp.text
	load_word 0, cpu_hwcaps
	tbnz	w0, #11, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code low_word

	code	another_variable, .hyp.text
	load_value x0, host_bss
	tbnz	w0, #11, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code another_variable

	// The register holds something else by the time it is tested.
	code	overwritten, .hyp.text
	load_value x0, cpu_hwcaps
	mrs	x0, hcr_el2
	tbnz	x0, #11, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code overwritten

	code	overwritten_on_one_path, .hyp.text
	mov	x2, x0
	load_value x0, cpu_hwcaps
	cbz	x2, 2f
	mov	x0, x2
2:	tbnz	x0, #11, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code overwritten_on_one_path

	code	lost_in_a_call, .hyp.text
	load_value x0, cpu_hwcaps
	bl	returns
	tbnz	x0, #11, 1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code lost_in_a_call

	code	flags_overwritten, .hyp.text
	load_value x0, cpu_hwcaps
	tst	x0, #1 << 11
	cmp	x1, #0
	b.ne	1f
	ret
1:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code flags_overwritten

	code	tested_in_two_steps, .hyp.text
	load_address x0, cpu_hwcaps
	ldr	x1, [x0]
	mov	x2, x1
	tbnz	x2, #11, 1f
	ret
1:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code tested_in_two_steps

	code	returns, .hyp.text
	mov	x0, #0x800
	ret
	end_code returns

	hyp_entry tbnz_bit, tbz_bit, tbnz_next_bit, tst_ne, tst_eq, tst_two_bits, and_cbnz, and_cbz
	hyp_entry ubfx_cbnz, ubfx_two_bits, lsr_tbnz, lsr_wrong_bit, ands_ne, low_word, another_variable
	hyp_entry overwritten, overwritten_on_one_path, lost_in_a_call, flags_overwritten, tested_in_two_steps
