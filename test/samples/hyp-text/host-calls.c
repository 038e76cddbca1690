// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * References to hyp text are the host's good right in this generation: calls,
 * addresses, exception and bug tables. Not one warning here.
 */
#include "../include/hyp.h"

__opaque __hyp_text u64 shared_helper(u64 value)
{
	return value + 1;
}
HYP_ENTRY(shared_helper);

__hyp_text void may_fault(u64 *from)
{
	asm volatile("1: ldr xzr, [%0]\n"
		     "2:\n"
		     ".pushsection __ex_table, \"a\"\n"
		     ".balign 4\n.long 1b - ., 2b - .\n"
		     ".popsection"
		     : : "r" (from) : "memory");
}
HYP_ENTRY(may_fault);

__hyp_text void may_bug(void)
{
	asm volatile("1: brk #0x800\n"
		     ".pushsection __bug_table, \"aw\"\n"
		     ".balign 4\n.long 1b - ., 0\n"
		     ".popsection");
}
HYP_ENTRY(may_bug);

HOST u64 host_calls(u64 value)
{
	return shared_helper(value) + 1;
}

HOST void *host_takes_address(void)
{
	return shared_helper;
}
