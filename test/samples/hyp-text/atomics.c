// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Atomic operations write. They take no offset, so the address is formed first:
 * a load-exclusive loop in one object, LSE instructions in the other.
 * Fine: an atomic load; an operation on memory the caller gives.
 */
#include "../include/hyp.h"

u32 host_count;
u32 host_flag;

/* On one line, as the address is formed in one row and written in another. */
__hyp_text void adds(void) { __atomic_fetch_add(&host_count, 1, __ATOMIC_RELAXED); } /* WARN hyp-write 'host_count' */
HYP_ENTRY(adds);

__hyp_text u32 exchanges(u32 value) { return __atomic_exchange_n(&host_flag, value, __ATOMIC_ACQ_REL); } /* WARN hyp-write 'host_flag' */
HYP_ENTRY(exchanges);

__hyp_text u32 only_loads(void)
{
	return __atomic_load_n(&host_count, __ATOMIC_ACQUIRE);
}
HYP_ENTRY(only_loads);

__hyp_text void adds_elsewhere(u32 *at)
{
	__atomic_fetch_add(at, 1, __ATOMIC_RELAXED);
}
HYP_ENTRY(adds_elsewhere);
