// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The host's other branches. */
#include "../../include/hyp-asm.h"

	code	host_branches
	cbz	x0, __kvm_nvhe_hyp_helper	// WARN hyp-from-host 'hyp_helper'
	ldr	x1, =__kvm_nvhe_hyp_helper
	str	x1, [x2]
	adrp	x3, __kvm_nvhe_hyp_caller
	add	x3, x3, :lo12:__kvm_nvhe_hyp_caller
	str	x3, [x2, #8]
	ret
	end_code host_branches
