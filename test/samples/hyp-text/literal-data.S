// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Literals of data. To read or write through one at EL2 is wrong whatever the
 * section, as the value is the host's address; to hand it on is fine. The
 * percpu host state is the known exception: literal, plus tpidr_el2, and then
 * turned into a hyp address before anybody looks through it.
 */
#include "../include/hyp-asm.h"

	object	host_bss, .bss, %nobits
	object	host_data, .data
	object	kvm_host_cpu_state, .data..percpu

	code	reads_through, .hyp.text
	ldr	x0, =host_bss; ldr x1, [x0]	// WARN hyp-absolute 'host_bss'
	ret
	end_code reads_through

	code	writes_through, .hyp.text
	ldr	x0, =host_data; str x1, [x0]	// WARN hyp-absolute 'host_data'
	ret
	end_code writes_through

	code	hands_on, .hyp.text
	ldr	x0, =host_data
	str	x0, [x1]
	ret
	end_code hands_on

	code	host_state, .hyp.text
	ldr	x0, =kvm_host_cpu_state
	mrs	x1, tpidr_el2
	add	x0, x0, x1
	b	turns_it
	end_code host_state

	code	turns_it, .hyp.text
	and	x0, x0, #0x0000ffffffffffff
	ldr	x1, [x0]
	ret
	end_code turns_it

	hyp_entry reads_through, writes_through, hands_on, host_state, turns_it
