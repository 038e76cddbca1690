// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Text that EL2 does not map goes by many section names.
 * Fine: hyp text of another input section, reached through a relocation.
 */
#include "../include/hyp-asm.h"

	.irp	name, unlikely, hot
	host_function in_text_\name, .text.\name
	.endr
	.irp	name, sched, spinlock, kprobes, cpuidle, noinstr, irqentry, softirqentry, exception, entry
	host_function in_\name, .\name\().text
	.endr
	host_function in_fixup, .fixup
	host_function in_head, .head.text
	host_function in_idmap, .idmap.text
	host_function in_init, .init.text
	host_function in_exit, .exit.text
	host_function in_meminit, .meminit.text
	host_function in_hyp, .hyp.text

	code	calls_families, .hyp.text
	bl	in_text_unlikely	// WARN hyp-call 'in_text_unlikely'
	bl	in_text_hot		// WARN hyp-call 'in_text_hot'
	bl	in_sched		// WARN hyp-call 'in_sched'
	bl	in_spinlock		// WARN hyp-call 'in_spinlock'
	bl	in_kprobes		// WARN hyp-call 'in_kprobes'
	bl	in_cpuidle		// WARN hyp-call 'in_cpuidle'
	bl	in_noinstr		// WARN hyp-call 'in_noinstr'
	bl	in_irqentry		// WARN hyp-call 'in_irqentry'
	bl	in_softirqentry		// WARN hyp-call 'in_softirqentry'
	bl	in_exception		// WARN hyp-call 'in_exception'
	bl	in_entry		// WARN hyp-call 'in_entry'
	bl	in_fixup		// WARN hyp-call 'in_fixup'
	bl	in_head			// WARN hyp-call 'in_head'
	bl	in_idmap		// WARN hyp-call 'in_idmap'
	bl	in_init			// WARN hyp-call 'in_init'
	bl	in_exit			// WARN hyp-call 'in_exit'
	bl	in_meminit		// WARN hyp-call 'in_meminit'
	bl	in_nothing		// WARN hyp-call 'in_nothing'
	bl	in_hyp
	ret
	end_code calls_families

	hyp_entry calls_families, in_hyp
