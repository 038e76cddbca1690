// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * The same left to the compiler.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

__hyp_text u64 bit_set(u64 value)
{
	if (cpus_have_cap(ARM64_HAS_VIRT_HOST_EXTN))
		host_call(1);			/* VHE hyp-call 'host_call' */
	return value + 1;
}
HYP_ENTRY(bit_set);

__hyp_text u64 bit_clear(u64 value)
{
	if (!cpus_have_cap(ARM64_HAS_VIRT_HOST_EXTN))
		host_call(2);			/* WARN hyp-call 'host_call' */
	return value + 2;
}
HYP_ENTRY(bit_clear);

__hyp_text u64 other_bit_set(u64 value)
{
	if (cpus_have_cap(ARM64_HAS_OTHER))
		host_call(3);			/* WARN hyp-call 'host_call' */
	return value + 3;
}
HYP_ENTRY(other_bit_set);

__hyp_text u64 either_bit_set(u64 value)
{
	if (cpu_hwcaps[0] & (1ul << ARM64_HAS_OTHER | 1ul << ARM64_HAS_VIRT_HOST_EXTN))
		host_call(4);			/* WARN hyp-call 'host_call' */
	return value + 4;
}
HYP_ENTRY(either_bit_set);

__hyp_text u64 bit_set_late(u64 value)
{
	unsigned long caps = *(volatile unsigned long *)cpu_hwcaps;

	asm volatile("isb");
	value += caps & 1;
	asm volatile("isb");
	if (caps & 1ul << ARM64_HAS_VIRT_HOST_EXTN)
		host_call(5);			/* VHE hyp-call 'host_call' */
	return value + 5;
}
HYP_ENTRY(bit_set_late);
