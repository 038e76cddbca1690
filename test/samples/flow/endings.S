// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * What ends a path, with a block for VHE right behind it, and what does not.
 * Whether code behind brk and udf runs depends on the host, and is left open.
 */
#include "../include/flow-asm.h"
	.arch	armv8.5-a

	.macro	behind name, instruction:vararg
	code	\name, .hyp.text
	if_vhe	9120f
	\instruction
9120:
	.endm

	behind	behind_ret, ret
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_ret

	behind	behind_ret_register, ret x9
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_ret_register

	behind	behind_retaa, retaa
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_retaa

	behind	behind_retab, retab
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_retab

	behind	behind_eret, eret
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_eret

	behind	behind_eretaa, eretaa
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_eretaa

	behind	behind_branch, b .
	bl	host_call		// VHE hyp-call 'host_call'
	ret
	end_code behind_branch

	behind	behind_brk, brk #0x800
	bl	host_call		// MAY hyp-call 'host_call'
	ret
	end_code behind_brk

	behind	behind_udf, udf #0
	bl	host_call		// MAY hyp-call 'host_call'
	ret
	end_code behind_udf

	behind	behind_hvc, hvc #0
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_hvc

	behind	behind_svc, svc #0
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_svc

	behind	behind_smc, smc #0
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_smc

	behind	behind_wfi, wfi
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_wfi

	behind	behind_landing_pad, bti jc
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_landing_pad

	behind	behind_barrier, sb
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_barrier

	behind	behind_call, blr x9
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_call

	behind	behind_blraa, blraa x9, x10
	bl	host_call		// WARN hyp-call 'host_call'
	ret
	end_code behind_blraa

	behind	behind_condition, b.al 9121f
	bl	host_call		// MAY hyp-call 'host_call'
9121:	ret
	end_code behind_condition

	hyp_entry behind_ret, behind_ret_register, behind_retaa, behind_retab, behind_eret, behind_eretaa
	hyp_entry behind_branch, behind_brk, behind_udf, behind_hvc, behind_svc, behind_smc, behind_wfi
	hyp_entry behind_landing_pad, behind_barrier, behind_call, behind_blraa, behind_condition
