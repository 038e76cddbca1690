// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Host functions that call hyp code behind a test, and are entered past it: at a
 * label of assembly, or by their cold part, which is too large to be a helper.
 */
#include "../include/flow-asm.h"

	.macro	local_function name
	.pushsection .hyp.text, "ax"
	.type	\name, %function
\name:
	.endm

	.macro	end_local name
	.size	\name, . - \name
	.popsection
	.endm

	local_function behind_guard
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_local behind_guard

	code	host_guards
	if_vhe	1f
	ret
1:	bl	behind_guard
	ret
	end_code host_guards

	local_function behind_label
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_local behind_label

	code	host_has_label
	if_vhe	host_label
	ret
host_label:
	bl	behind_label
	ret
	end_code host_has_label

	local_function behind_cold_part
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_local behind_cold_part

	code	host_parts
	cbz	x0, host_parts.cold
	if_vhe	1f
	ret
1:	bl	behind_cold_part
	ret
	end_code host_parts

	.pushsection .text.unlikely, "ax"
	.type	host_parts.cold, %function
host_parts.cold:
	.rept	80
	nop
	.endr
	b	host_parts + 12
	.size	host_parts.cold, . - host_parts.cold
	.popsection
