// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The stub vectors: in .hyp.text of the host, without the prefix, running with
 * the MMU off before KVM does.
 */
#include "../../include/hyp-asm.h"

	code	__hyp_stub_vectors, .hyp.text
	.balign	128
	b	elx_sync
	end_code __hyp_stub_vectors

	.pushsection .hyp.text, "ax"
elx_sync:
	eret
	.popsection
