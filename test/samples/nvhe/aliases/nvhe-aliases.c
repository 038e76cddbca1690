// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What hyp code reaches through an alias (`__kvm_nvhe_X = X;` in vmlinux.lds) is
 * judged by where X lies. Without an alias a symbol is not there at all.
 */
#include "../../include/nvhe.h"

extern u64 host_bss;
extern u64 host_rodata;
extern u64 host_ro_after_init;
extern u64 host_data;
extern u64 host_read_mostly;
extern u64 host_init_data;
extern u64 host_percpu;
extern char __hyp_text_start[];
extern char __hyp_text_end[];
u64 host_function(u64 value);
u64 host_init_function(u64 value);
u64 not_in_the_list(u64 value);
void *memory_copy(void *to, const void *from, size_t size);

HYP void *__pi_memory_copy(void *to, const void *from, size_t size)
{
	volatile u8 *at = to;

	for (const volatile u8 *source = from; size; size--)
		*at++ = *source++;
	return to;
}

HYP u64 reads_mapped(void)
{
	return READ(host_bss) + READ(host_rodata) + READ(host_ro_after_init);
}

HYP void writes_bss(u64 value)
{
	WRITE(host_bss, value);			/* WARN hyp-write 'host_bss' */
}

HYP void writes_ro_after_init(u64 value)
{
	WRITE(host_ro_after_init, value);	/* WARN hyp-write 'host_ro_after_init' */
}

HYP u64 reads_unmapped(void)
{
	u64 sum = READ(host_data);		/* WARN hyp-data 'host_data' */

	sum += READ(host_read_mostly);		/* WARN hyp-data 'host_read_mostly' */
	sum += READ(host_init_data);		/* WARN hyp-data 'host_init_data' */
	sum += READ(host_percpu);		/* WARN hyp-data 'host_percpu' */
	return sum;
}

HYP u64 calls_host(u64 value)
{
	u64 sum = host_function(value);		/* WARN hyp-call 'host_function' */

	sum += host_init_function(sum);		/* WARN hyp-call 'host_init_function' */
	sum += not_in_the_list(sum);		/* WARN hyp-call 'not_in_the_list' */
	return sum;
}

HYP u64 calls_at_the_end(u64 value)
{
	return host_function(value + 1);	/* WARN hyp-call 'host_function' */
}

HYP void *calls_hyp(void *to, const void *from)
{
	return memory_copy(to, from, 16);
}

HYP u64 measures_hyp_text(void)
{
	return __hyp_text_end - __hyp_text_start;
}
