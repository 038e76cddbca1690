// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * hyp_panic() in the manner of 5.4: the call that does not return, the fallback
 * test and the block for VHE follow one another as the compiler likes.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST __in(".text.unlikely") __attribute__((noreturn)) void panic(u64 why)
{
	for (;;)
		asm volatile("wfe" : : "r" (why));
}

HOST void sysreg_restore_host(void)
{
	asm volatile("");
}

__opaque __hyp_text __attribute__((noreturn)) void __hyp_do_panic(u64 why)
{
	asm volatile("msr elr_el2, %0\n\teret" : : "r" (why));
	__builtin_unreachable();
}

static __hyp_text __attribute__((noreturn)) void panic_nvhe(u64 why)
{
	__hyp_do_panic(why + read_tpidr_el2());
}

static __hyp_text __attribute__((noreturn)) void panic_vhe(u64 why)
{
	sysreg_restore_host();			/* VHE hyp-call 'sysreg_restore_host' */
	panic(why);				/* VHE hyp-call 'panic' */
}

__hyp_text __attribute__((noreturn)) void hyp_panic(u64 why)
{
	if (has_vhe())
		panic_vhe(why);
	else
		panic_nvhe(why);
}
HYP_ENTRY(hyp_panic);

static __hyp_text __attribute__((noreturn)) void panic_inverted(u64 why)
{
	sysreg_restore_host();			/* WARN hyp-call 'sysreg_restore_host' */
	panic(why + 1);				/* WARN hyp-call 'panic' */
}

__hyp_text __attribute__((noreturn)) void hyp_panic_inverted(u64 why)
{
	if (!has_vhe())
		panic_inverted(why);
	else
		panic_nvhe(why);
}
HYP_ENTRY(hyp_panic_inverted);
