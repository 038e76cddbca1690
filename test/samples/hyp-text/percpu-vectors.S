// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Percpu addresses as vectors make them, with the macro's instructions on one
 * line and, in the last pair, with the offset added before the low part.
 */
#include "../include/hyp-asm.h"

	object	kvm_host_data, .data..percpu
	object	arm64_ssbd_callback_required, .data..percpu..read_mostly
	object	current_task_like, .data..percpu

	.macro	this_cpu register, symbol, scratch
	adrp	\register, \symbol
	add	\register, \register, :lo12:\symbol
	mrs	\scratch, tpidr_el2
	add	\register, \register, \scratch
	.endm

	code	good_vector, .hyp.text
	this_cpu x0, kvm_host_data, x1
	ldr	x2, [x0]
	this_cpu x0, arm64_ssbd_callback_required, x1
	ldr	x2, [x0]
	eret
	end_code good_vector

	code	bad_vector, .hyp.text
	this_cpu x0, current_task_like, x1	// WARN hyp-data 'current_task_like'
	ldr	x2, [x0]
	eret
	end_code bad_vector

	code	good_order, .hyp.text
	mrs	x1, tpidr_el2
	adrp	x0, kvm_host_data
	add	x1, x1, x0
	add	x0, x1, :lo12:kvm_host_data
	ldr	x2, [x0]
	eret
	end_code good_order

	hyp_entry good_vector, bad_vector, good_order
