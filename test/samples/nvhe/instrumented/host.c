// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The host is instrumented too, and has every right to be. */
#include "../../include/nvhe.h"

HOST __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
	asm volatile("");
}

HOST u64 host_is_covered(u64 value)
{
	return value + 1;
}
