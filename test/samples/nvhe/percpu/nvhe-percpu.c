// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Hyp percpu variables: each processor has a copy, and what the symbol's own
 * address names is a template in init memory.
 */
#include "../../include/nvhe.h"

u64 own_percpu __percpu_data;
static u64 own_static_percpu __percpu_data;

HYP u64 reads_copy(void)
{
	return READ(*hyp_this_cpu_ptr(own_percpu)) + READ(*hyp_this_cpu_ptr(own_static_percpu));
}

HYP void writes_copy(u64 value)
{
	WRITE(*hyp_this_cpu_ptr(own_percpu), value);
}

HYP u64 reads_template(void)
{
	return READ(own_percpu) + 1;			/* WARN hyp-data 'own_percpu' */
}

HYP void writes_template(u64 value)
{
	WRITE(own_static_percpu, value);		/* WARN hyp-data 'own_static_percpu' */
}
