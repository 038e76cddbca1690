// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * An exception table makes its fixups reachable without a branch. Whether one
 * of an instruction that only VHE executes is, is left open.
 */
#include "../include/flow-asm.h"

	.macro	fixup from, to
	.pushsection __kvm_ex_table, "a"
	.balign	4
	.long	\from - ., \to - .
	.popsection
	.endm

	code	may_fault, .hyp.text
1:	ldr	x0, [x1]
	ret
2:	bl	host_call		// WARN hyp-call 'host_call'
	ret
	fixup	1b, 2b
	end_code may_fault

	code	never_faults, .hyp.text
	if_vhe	2f
	ldr	x0, [x1]
	ret
2:	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code never_faults

	code	may_fault_with_vhe, .hyp.text
	if_vhe	1f
	ret
1:	ldr	x0, [x1]
	ret
2:	bl	host_call		// MAY hyp-call 'host_call'
	ret
	fixup	1b, 2b
	end_code may_fault_with_vhe

	hyp_entry may_fault, never_faults, may_fault_with_vhe
