// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One page half, several partners. Two loads of one symbol are one finding, at
 * the first of them; a load and a store of it are two; and two symbols that
 * happen to share the page half are two.
 */
#include "../include/hyp-asm.h"

	object	shared_data, .data
	object	shared_bss, .bss, %nobits
	.pushsection .data
	.globl	pair_first, pair_second
	.balign	16
	.type	pair_first, %object
pair_first:	.quad 0
	.size	pair_first, 8
	.type	pair_second, %object
pair_second:	.quad 0
	.size	pair_second, 8
	.popsection

	code	two_loads, .hyp.text
	adrp	x8, shared_data; ldr x0, [x8, :lo12:shared_data]; ldr x1, [x8, :lo12:shared_data]	// WARN hyp-data 'shared_data'
	ret
	end_code two_loads

	code	two_loads_two_lines, .hyp.text
	adrp	x8, shared_data
	ldr	x0, [x8, :lo12:shared_data]	// WARN hyp-data 'shared_data'
	cbz	x0, 1f
	ldr	x1, [x8, :lo12:shared_data]
1:	ret
	end_code two_loads_two_lines

	code	load_and_store_data, .hyp.text
	adrp	x8, shared_data
	ldr	x0, [x8, :lo12:shared_data]	// WARN hyp-data 'shared_data'
	add	x0, x0, #1
	str	x0, [x8, :lo12:shared_data]	// WARN hyp-data 'shared_data'
	ret
	end_code load_and_store_data

	code	load_and_store_bss, .hyp.text
	adrp	x8, shared_bss
	ldr	x0, [x8, :lo12:shared_bss]
	add	x0, x0, #1
	str	x0, [x8, :lo12:shared_bss]	// WARN hyp-write 'shared_bss'
	ret
	end_code load_and_store_bss

	code	only_loads_bss, .hyp.text
	adrp	x8, shared_bss
	ldr	x0, [x8, :lo12:shared_bss]
	ldr	x1, [x8, :lo12:shared_bss]
	ret
	end_code only_loads_bss

	// One page half each; the other order of the partners.
	code	two_symbols, .hyp.text
	adrp	x8, pair_first
	adrp	x9, pair_second
	ldr	x1, [x9, :lo12:pair_second]	// WARN hyp-data 'pair_second'
	ldr	x0, [x8, :lo12:pair_first]	// WARN hyp-data 'pair_first'
	ret
	end_code two_symbols

	hyp_entry two_loads, two_loads_two_lines, load_and_store_data, load_and_store_bss
	hyp_entry only_loads_bss, two_symbols
