// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the linker script of the nVHE link does not name keeps its section, and
 * EL2 does not find it there. Each is one finding, at the declaration; the
 * places that use it are notes, and no findings of their own.
 * Fine: the same things in sections that the script does name.
 */
#include "../../include/nvhe.h"

u64 started_at_one = 1;				/* WARN hyp-section 'started_at_one' */
static u64 local_counter = 2;			/* WARN hyp-section 'local_counter' */
u64 often_read __read_mostly = 3;		/* WARN hyp-section 'often_read' */
u64 only_at_boot __initdata = 4;		/* WARN hyp-section 'only_at_boot' */
u64 in_a_cacheline __in(".data..cacheline_aligned") = 5;	/* WARN hyp-section 'in_a_cacheline' */

u64 started_at_zero;
static u64 local_zero;
const u64 constant = 6;
u64 set_once __ro_after_init = 7;
u64 per_processor __percpu_data = 8;

HYP u64 uses_globals(void)
{
	return READ(started_at_one) + READ(local_counter) + READ(often_read) + READ(in_a_cacheline);
}

HYP void writes_globals(u64 value)
{
	WRITE(started_at_one, value);
	WRITE(local_counter, value);
	WRITE(only_at_boot, value);
}

HYP u64 counts(void)
{
	static u64 calls = 9;			/* WARN hyp-section 'calls' */

	return ++calls;
}

HYP u64 counts_from_zero(void)
{
	static u64 calls_from_zero;

	return ++calls_from_zero;
}

HYP __init u64 boot_helper(u64 value)		/* WARN hyp-section 'boot_helper' */
{
	return value + 1;
}

HYP __in(".noinstr.text") u64 noinstr_helper(u64 value)	/* WARN hyp-section 'noinstr_helper' */
{
	return value + 2;
}

HYP __in(".text.hot") u64 hot_helper(u64 value)
{
	return value + 3;
}

HYP u64 calls_helpers(u64 value)
{
	return boot_helper(value) + noinstr_helper(value) + hot_helper(value);
}

HYP u64 uses_the_rest(void)
{
	started_at_zero++;
	local_zero++;
	return READ(constant) + READ(set_once) + READ(*hyp_this_cpu_ptr(per_processor));
}
