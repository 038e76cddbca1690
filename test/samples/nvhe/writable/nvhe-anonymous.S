// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Data without a symbol, as compilers make it (a label that the assembler
 * drops): reported at its user. Once the host's .data is merged in, nothing
 * tells whose it was, so either warning is right.
 */
#include "../../include/hyp-asm.h"

	.pushsection .data
	.balign	8
.Lanonymous:
	.quad	1
	.popsection

	.pushsection .rodata
	.balign	8
.Lanonymous_constant:
	.quad	2
	.popsection

	code	uses_anonymous
	load_value x0, .Lanonymous		// WARN hyp-section|hyp-data '*'
	load_value x1, .Lanonymous_constant
	ret
	end_code uses_anonymous
