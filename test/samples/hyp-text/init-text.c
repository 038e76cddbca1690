// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Code and data that are freed after boot. Fine: the host's own use of them,
 * and read-only-after-init data, which stays.
 */
#include "../include/hyp.h"

static u64 boot_only __initdata = 1;
u64 boot_set __ro_after_init = 2;

HOST __init u64 boot_helper(u64 value)
{
	return value + boot_only;
}

HOST __exit u64 exit_helper(u64 value)
{
	return value - 1;
}

__hyp_text u64 calls_boot_helper(u64 value)
{
	u64 result = boot_helper(value);	/* WARN hyp-call 'boot_helper' */

	return result + 1;
}
HYP_ENTRY(calls_boot_helper);

__hyp_text u64 calls_exit_helper(u64 value)
{
	u64 result = exit_helper(value);	/* WARN hyp-call 'exit_helper' */

	return result + 1;
}
HYP_ENTRY(calls_exit_helper);

__hyp_text u64 loads_boot_only(void)
{
	return *(volatile u64 *)&boot_only;	/* WARN hyp-data 'boot_only' */
}
HYP_ENTRY(loads_boot_only);

__hyp_text u64 loads_boot_set(void)
{
	return *(volatile u64 *)&boot_set;
}
HYP_ENTRY(loads_boot_set);
