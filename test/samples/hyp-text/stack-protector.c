// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The stack protector. Its guard is read-only after init here, so reading it is
 * fine; the call at the end of the function is not, and stands at its brace.
 * Fine: a function that asks to be left alone, and host code.
 */
#include "../include/hyp.h"

u64 __stack_chk_guard __ro_after_init = 0xff0a0d00;

HOST void __stack_chk_fail(void)
{
	asm volatile("brk #1");
}

__opaque __hyp_text void fill(u8 *buffer)
{
	buffer[0] = 1;
	buffer[1] = 2;
}

__hyp_text u64 has_a_buffer(int index)
{
	u8 buffer[64];

	fill(buffer);
	return buffer[index];
}						/* WARN hyp-instrumentation '__stack_chk_fail' */
HYP_ENTRY(has_a_buffer);

__attribute__((no_stack_protector))
__hyp_text u64 is_left_alone(int index)
{
	u8 buffer[64];

	fill(buffer);
	return buffer[index];
}
HYP_ENTRY(is_left_alone);

HOST u64 host_has_a_buffer(int index)
{
	u8 buffer[64];

	fill(buffer);
	return buffer[index];
}
