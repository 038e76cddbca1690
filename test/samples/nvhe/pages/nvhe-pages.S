// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages that ADRP makes, far from what completes them. In an object the low
 * bits say by their relocation what they belong to; in a finished kernel only
 * the ways of the code do, which compilers know better than they show.
 */
#define ALT_SUBSECTION
#include "../../include/hyp-asm.h"
#include "../../include/alternative.h"

	code	never_returns
	msr	elr_el2, x0
	eret
	end_code never_returns

	/* Seems to be such, and comes back by way of the vectors. */
	code	comes_back
	str	x30, [x0, #8]
	eret
	end_code comes_back

	code	leaves_x5_alone
	add	x0, x0, #1
	ret
	end_code leaves_x5_alone

	code	leaves_nothing_alone
	mov	x5, x1
	b	leaves_x5_alone
	end_code leaves_nothing_alone

	/* gcc's -fipa-ra: a page stays where the callee does not look. */
	code	keeps_over_call
	adrp	x5, host_data
	bl	leaves_x5_alone
	ldr	x0, [x5, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
	end_code keeps_over_call

	/* The callee's callee may have changed it. */
	code	loses_in_call
	adrp	x5, host_data
	ldr	x1, [x5, :lo12:host_data]	// WARN hyp-data 'host_data'
	bl	leaves_nothing_alone
	str	x0, [x5, #16]
	ret
	end_code loses_in_call

	/* Behind the call stands another block, to which x20 comes as a pointer. */
	code	never_goes_on
	mov	x20, x1
	cbz	x0, 2f
1:	adrp	x20, own_constants
	ldr	x0, [x20, :lo12:own_constants]
	bl	never_returns
2:	str	x0, [x20, #16]
	cbnz	x2, 1b
	ret
	end_code never_goes_on

	/* Here all ways bring the page. */
	code	goes_on
	adrp	x20, host_data
	bl	comes_back
	ldr	x0, [x20, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
	end_code goes_on

	/* WARN_ON(): the compiler goes on behind the trap. BUG(): another block follows. */
	code	warns
	adrp	x3, host_data
	cbz	x0, 1f
	ret
1:	brk	#0x800
	ldr	x0, [x3, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
	end_code warns

	code	gives_up
	cbz	x0, 1f
	mov	x3, x1
	cbnz	x2, 2f
	adrp	x3, own_constants
	ldr	x0, [x3, :lo12:own_constants]
	ret
1:	adrp	x3, own_constants
	ldr	x0, [x3, :lo12:own_constants]
	brk	#0x800
2:	str	x0, [x3, #16]
	ret
	end_code gives_up

	/* Only the kernel, when it patches itself, leads to the load. */
	code	reached_by_patch
	adrp	x3, host_data
	alternative "nop", "b 1f", 5
	brk	#0x800
1:	ldr	x0, [x3, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
	end_code reached_by_patch

	/* A store, and a branch back behind where control came from: as a linker's stub is. */
	code	looks_like_a_stub
	adrp	x3, host_data
	cbz	x0, 2f
1:	str	x0, [x1]
	alternative "b 3f", "nop", 5
	ldr	x0, [x3, :lo12:host_data]	// WARN hyp-data 'host_data'
	ret
2:	b	1b
3:	brk	#0x800
	end_code looks_like_a_stub

	/* One past the end is of the variable, whatever lies there. */
	code	measures_host
	load_address x0, host_bss
	load_address x1, host_bss + 8
	ret
	end_code measures_host

	/* The first per-CPU variable begins a page. */
	code	writes_copy
	load_address x0, own_percpu
	mrs	x2, tpidr_el2
	add	x0, x0, x2
	str	x1, [x0]
	ret
	end_code writes_copy

	code	looks_up
	load_address x0, __start___kvm_ex_table
	load_address x1, __start___kvm_ex_table + 4
	load_address x2, __stop___kvm_ex_table
	ret
	end_code looks_up

	code	may_fault
1:	ldr	x0, [x0]
2:	ret
	.pushsection __kvm_ex_table, "a"
	.balign	4
	.long	1b - ., 2b - .
	.popsection
	end_code may_fault

	object	own_percpu, .data..percpu

	.pushsection .rodata, "a"
	.balign	4096
own_constants:
	.quad	1, 2, 3
	.popsection
