// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The writing instructions that take a bare register, one by one, and those
 * that look like them and only read. The address is formed on the same line.
 */
#include "../include/hyp-asm.h"
	.arch	armv8.1-a

	object	word, .bss, %nobits

	code	writers, .hyp.text
	load_address x9, word; stxr w1, x2, [x9]	// WARN hyp-write 'word'
	load_address x9, word; stlxr w1, x2, [x9]	// WARN hyp-write 'word'
	load_address x9, word; stlr x2, [x9]		// WARN hyp-write 'word'
	load_address x9, word; ldadd x1, x2, [x9]	// WARN hyp-write 'word'
	load_address x9, word; stclr x1, [x9]		// WARN hyp-write 'word'
	load_address x9, word; swp x1, x2, [x9]		// WARN hyp-write 'word'
	load_address x9, word; cas x1, x2, [x9]		// WARN hyp-write 'word'
	load_address x9, word; stp x1, x2, [x9]		// WARN hyp-write 'word'
	load_address x9, word; str x1, [x9], #8		// WARN hyp-write 'word'
	load_address x9, word; str x1, [x9, #-8]!	// WARN hyp-write 'word'
	load_address x9, word; str x1, [x9, x2]		// WARN hyp-write 'word'
	load_address x9, word; stur x1, [x9, #-1]	// WARN hyp-write 'word'
	load_address x9, word; sttr x1, [x9]		// WARN hyp-write 'word'
	ret
	end_code writers

	code	readers, .hyp.text
	load_address x9, word; ldxr x2, [x9]
	load_address x9, word; ldaxr x2, [x9]
	load_address x9, word; ldar x2, [x9]
	load_address x9, word; ldp x1, x2, [x9]
	load_address x9, word; ldr x1, [x9], #8
	load_address x9, word; ldr x1, [x9, x2]
	load_address x9, word; ldur x1, [x9, #-1]
	load_address x9, word; ldtr x1, [x9]
	load_address x9, word; str x9, [x1]		// the address is the value
	load_address x9, word; stp x9, x2, [x1]
	load_address x9, word; mov x9, x1; str x2, [x9]	// another address by then
	load_address x9, word; ldr x9, [x9]; str x2, [x9]
	ret
	end_code readers

	hyp_entry writers, readers
