// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A call in tail position is a plain branch (JUMP26). Fine: the same to hyp text.
 */
#include "../include/hyp.h"

HOST u64 host_helper(u64 value)
{
	return value + 1;
}

__opaque __hyp_text u64 hyp_helper(u64 value)
{
	return value + 2;
}

__hyp_text u64 leaves_at_the_end(u64 value)
{
	return host_helper(value << 1);		/* WARN hyp-call 'host_helper' */
}
HYP_ENTRY(leaves_at_the_end);

__hyp_text u64 stays_at_the_end(u64 value)
{
	return hyp_helper(value << 1);
}
HYP_ENTRY(stays_at_the_end);
