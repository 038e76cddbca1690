// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The host's data by section: what EL2 maps (read-only, all of it), what not.
 */
#include "../include/hyp.h"

u64 in_bss;
u64 in_bss_page __in(".bss..page_aligned");
const u64 in_rodata = 1;
u64 in_ro_after_init __ro_after_init = 2;
u64 in_data = 3;
u64 in_read_mostly __read_mostly = 4;
u64 in_once __in(".data.once") = 5;
u64 in_cacheline __in(".data..cacheline_aligned") = 6;
u64 in_page __in(".data..page_aligned") = 7;
u64 in_ref __in(".ref.data") = 8;
u64 in_mmuoff __in(".mmuoff.data.read") = 9;
static u64 local_data = 10;
static u64 local_bss;

#define READ(variable)		(*(const volatile u64 *)&(variable))
#define WRITE(variable, value)	(*(volatile u64 *)&(variable) = (value))

__hyp_text u64 reads_what_is_mapped(void)
{
	return READ(in_bss) +
	       READ(in_bss_page) +
	       READ(in_rodata) +
	       READ(in_ro_after_init) +
	       READ(local_bss);
}
HYP_ENTRY(reads_what_is_mapped);

__hyp_text u64 reads_what_is_not(void)
{
	u64 sum = READ(in_data);		/* WARN hyp-data 'in_data' */

	sum += READ(in_read_mostly);		/* WARN hyp-data 'in_read_mostly' */
	sum += READ(in_once);			/* WARN hyp-data 'in_once' */
	sum += READ(in_cacheline);		/* WARN hyp-data 'in_cacheline' */
	sum += READ(in_page);			/* WARN hyp-data 'in_page' */
	sum += READ(in_ref);			/* WARN hyp-data 'in_ref' */
	sum += READ(in_mmuoff);			/* WARN hyp-data 'in_mmuoff' */
	sum += READ(local_data);		/* WARN hyp-data 'local_data' */
	return sum;
}
HYP_ENTRY(reads_what_is_not);

__hyp_text void writes_what_is_read_only(u64 value)
{
	WRITE(in_bss, value);			/* WARN hyp-write 'in_bss' */
	WRITE(in_bss_page, value);		/* WARN hyp-write 'in_bss_page' */
	WRITE(in_rodata, value);		/* WARN hyp-write 'in_rodata' */
	WRITE(in_ro_after_init, value);		/* WARN hyp-write 'in_ro_after_init' */
	WRITE(local_bss, value);		/* WARN hyp-write 'local_bss' */
}
HYP_ENTRY(writes_what_is_read_only);

__hyp_text void writes_what_is_not_mapped(u64 value)
{
	WRITE(in_data, value);			/* WARN hyp-data 'in_data' */
	WRITE(local_data, value);		/* WARN hyp-data 'local_data' */
}
HYP_ENTRY(writes_what_is_not_mapped);

/* An address that is handed out is as good as its section. */
__hyp_text void points_to_bss(u64 **to)
{
	*to = &in_bss;
}
HYP_ENTRY(points_to_bss);

__hyp_text void points_to_data(u64 **to)
{
	*to = &in_data;				/* WARN hyp-data 'in_data' */
}
HYP_ENTRY(points_to_data);

HOST void host_writes(u64 value)
{
	WRITE(in_bss, value);
	WRITE(in_data, value);
}
