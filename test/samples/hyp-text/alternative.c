// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Replacement code belongs to the place it replaces: a `bl` in it is a call
 * from there, at that line, whatever function lies nearest. The capability (20)
 * says nothing about VHE, so both sides count.
 * Odd: the same source is built with the replacement in its own section and
 * with it in subsection 1, behind the last function and under no symbol.
 */
#include "../include/hyp.h"
#include "../include/alternative.h"

HOST u64 host_workaround(u64 value)
{
	return value + 1;
}

__opaque __used __hyp_text u64 hyp_workaround(u64 value)
{
	return value + 2;
}

__hyp_text void patched_to_host(void)
{
	asm volatile(ALTERNATIVE("nop", "bl host_workaround", 20) : : : "x0", "x30", "memory");	/* WARN hyp-call 'host_workaround' */
}
HYP_ENTRY(patched_to_host);

__hyp_text void patched_to_hyp(void)
{
	asm volatile(ALTERNATIVE("nop", "bl hyp_workaround", 20) : : : "x0", "x30", "memory");
}
HYP_ENTRY(patched_to_hyp);

__hyp_text void patched_from_host(void)
{
	asm volatile(ALTERNATIVE("bl host_workaround", "nop", 20) : : : "x0", "x30", "memory");	/* WARN hyp-call 'host_workaround' */
}
HYP_ENTRY(patched_from_host);

HOST void host_is_patched(void)
{
	asm volatile(ALTERNATIVE("nop", "bl host_workaround", 20) : : : "x0", "x30", "memory");
}

/* The last function of the section: what lies behind it is not its own. */
__hyp_text u64 last_function(u64 value)
{
	return value + 3;
}
HYP_ENTRY(last_function);
