// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Host code that branches straight into nVHE code, which can run only at EL2.
 * Fine: to take its address and hand it to EL2, to read and set its data.
 */
#include "../../include/nvhe.h"

u64 nvhe_symbol(hyp_helper)(u64 value);
u64 nvhe_symbol(hyp_idmap_helper)(u64 value);
u64 nvhe_symbol(hyp_caller)(u64 value);
extern u64 nvhe_symbol(shared_setting);

HOST u64 calls_hyp(u64 value)
{
	u64 sum = nvhe_symbol(hyp_helper)(value);	/* WARN hyp-from-host 'hyp_helper' */

	return sum + 1;
}

HOST u64 tail_calls_hyp(u64 value)
{
	return nvhe_symbol(hyp_caller)(value + 1);	/* WARN hyp-from-host 'hyp_caller' */
}

HOST __init u64 calls_idmap_at_boot(u64 value)
{
	u64 sum = nvhe_symbol(hyp_idmap_helper)(value);	/* WARN hyp-from-host 'hyp_idmap_helper' */

	return sum + 1;
}

static __inline_always u64 host_inline(u64 value)
{
	return nvhe_symbol(hyp_helper)(value) + 2;	/* WARN hyp-from-host 'hyp_helper' */
}

HOST u64 calls_through_inline(u64 value)
{
	return host_inline(value) + 3;
}

HOST void *takes_address(void)
{
	return nvhe_symbol(hyp_caller);
}

HOST void sets(u64 value)
{
	nvhe_symbol(shared_setting) = value;
}
