// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where hyp text ends, the host's begins: in a finished kernel the name of the end and the byte behind it have one
 * address. The name is computed with; the byte is called or loaded.
 */
#include "../include/hyp-asm.h"

	host_function stands_behind, .idmap.text

	.pushsection __kvm_ex_table, "a"
	.balign	4
	.long	may_fault - ., may_fault - .
	.popsection

	code	compares, .hyp.text
	load_address x0, __start___kvm_ex_table
	load_address x1, __stop___kvm_ex_table
	cmp	x0, x1
	b.hs	1f
may_fault:
	ldr	w2, [x0]
1:	ret
	end_code compares

	code	compares_literals, .hyp.text
	ldr	x1, 2f
	cmp	x0, x1
	b.hs	1f
	nop
1:	ret
	.balign	8
2:	.quad	__stop___kvm_ex_table
	end_code compares_literals

	code	loads, .hyp.text
	load_value x0, stands_behind		// WARN hyp-data 'stands_behind'
	ret
	end_code loads

	code	calls, .hyp.text
	bl	stands_behind			// WARN hyp-call 'stands_behind'
	ret
	end_code calls

	hyp_entry compares, compares_literals, loads, calls
