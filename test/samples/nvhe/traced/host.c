// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The host has a shadow call stack, and may be traced. */
#include "../../include/nvhe.h"

HOST u64 host_pushes(u64 value)
{
	u64 changed = value;

	asm volatile("" : "+r" (changed) : : "x30");
	return value * changed;
}
