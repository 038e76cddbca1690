// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * gcc's default is to call libgcc for an atomic operation. Fine: the host does.
 */
#include "../include/hyp.h"

HOST u32 __aarch64_ldadd4_acq_rel(u32 value, u32 *at)
{
	u32 old = *at;

	*at = old + value;
	return old;
}

__hyp_text u32 adds(u32 *at)
{
	u32 old = __atomic_fetch_add(at, 1, __ATOMIC_ACQ_REL);	/* WARN hyp-instrumentation '__aarch64_ldadd4_acq_rel' */

	return old + 1;
}
HYP_ENTRY(adds);

__hyp_text u32 only_loads(u32 *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}
HYP_ENTRY(only_loads);

HOST u32 host_adds(u32 *at)
{
	return __atomic_fetch_add(at, 1, __ATOMIC_ACQ_REL) + 1;
}
