// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The EL2 part of a module as it should be; not one warning. It has what is right
 * in a module alone: data that starts at a value, an event, a format whose
 * address is a number.
 */
#include "../../include/module.h"

typedef u64 handler(u64 value);
struct ops { void (*log)(u64 number); u64 (*map)(u64 address); };

EVENT(filtered);
FORMAT(started, "started %llu\n");
unsigned char format_offset __used __in(".hyp.printk_fmt_offset");

static const struct ops *ops;
u64 in_bss;
u64 in_data = 3;
u64 often_read __in(".data..read_mostly") = 4;
u64 set_once __ro_after_init = 5;
u64 by_cpu[8] = { 1 };

OUT_OF_LINE u64 first(u64 value) { return value + READ(in_data); }
OUT_OF_LINE u64 second(u64 value) { return value + READ(often_read) + READ(set_once); }

static handler *const handlers[] = { first, second };

HYP u64 handle_smc(u64 which, u64 value)
{
	WRITE(in_bss, value);
	WRITE(in_data, value);
	if (READ(filtered_enabled))
		ops->log(READ(filtered_id.id));
	return handlers[which & 1](value) + ops->map(value);
}

HYP u64 counts(unsigned int cpu)
{
	return READ(by_cpu[cpu & 7]);
}

HYP void prints(void)
{
	ops->log(format_number(started) + READ(format_offset));
}

HYP int init(const struct ops *given)
{
	ops = given;
	return 0;
}
