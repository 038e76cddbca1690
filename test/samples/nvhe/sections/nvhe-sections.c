// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Hyp data of its own: .hyp.bss may be written, .hyp.rodata and
 * .hyp.data..ro_after_init only read. Hyp text may not branch into the idmap.
 */
#include "../../include/nvhe.h"

u64 own_bss;
static u64 own_local_bss;
const u64 own_rodata = 1;
u64 own_ro_after_init __ro_after_init = 2;

HYP __idmap u64 idmap_helper(u64 value)
{
	return value + 1;
}

HYP __idmap u64 idmap_caller(u64 value)
{
	return idmap_helper(value) + 1;
}

HYP u64 reads_all(void)
{
	return READ(own_bss) + READ(own_local_bss) + READ(own_rodata) + READ(own_ro_after_init);
}

HYP void writes_bss(u64 value)
{
	WRITE(own_bss, value);
	WRITE(own_local_bss, value);
	__atomic_fetch_add(&own_bss, 1, __ATOMIC_RELAXED);
}

HYP void writes_rodata(u64 value)
{
	WRITE(*(u64 *)&own_rodata, value);	/* WARN hyp-write 'own_rodata' */
}

HYP void writes_ro_after_init(u64 value)
{
	WRITE(own_ro_after_init, value);	/* WARN hyp-write 'own_ro_after_init' */
}

HYP u64 calls_idmap(u64 value)
{
	u64 result = idmap_helper(value);	/* WARN hyp-call 'idmap_helper' */

	return result + 1;
}

HYP u64 calls_hyp(u64 value)
{
	return calls_idmap(value) + 1;
}
