// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Addresses of hyp code that the host hands to an HVC: what it hands out behind
 * has_vhe() alone is no way into hyp code on a machine without VHE.
 */
#include "../include/caps.h"

DEFINE_CAPS;

#define has_vhe()	static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN])

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

HOST void call_hyp(void (*function)(u64), u64 value)
{
	register u64 x0 asm("x0") = (u64)function;
	register u64 x1 asm("x1") = value;

	asm volatile("hvc #0" : "+r" (x0) : "r" (x1) : "memory");
}

static __hyp_text void handed_to_all(u64 value)
{
	asm volatile("hint #40");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #40");
}

static __hyp_text void handed_with_vhe(u64 value)
{
	asm volatile("hint #41");
	host_call(value);			/* VHE hyp-call 'host_call' */
	asm volatile("hint #41");
}

static __hyp_text void handed_without_vhe(u64 value)
{
	asm volatile("hint #42");
	host_call(value);			/* WARN hyp-call 'host_call' */
	asm volatile("hint #42");
}

HOST void hands_out(u64 value, void (**slot)(u64))
{
	call_hyp(handed_to_all, value);
	if (has_vhe())
		*slot = handed_with_vhe;
	else
		call_hyp(handed_without_vhe, value);
}
