// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * 64-bit absolute slots: all of them are turned into hyp addresses at boot.
 * Right for hyp functions and hyp data, wrong for what is the host's. A slot
 * has no row in the line table: the place is the table's declaration.
 */
#include "../../include/nvhe.h"

typedef u64 handler(u64 value);

u64 host_function(u64 value);
extern u64 host_bss;
u64 own_bss;

OUT_OF_LINE u64 handle_first(u64 value)
{
	return value + 1;
}

OUT_OF_LINE u64 handle_second(u64 value)
{
	return value + 2;
}

handler *const good_handlers[] = { handle_first, handle_second };
u64 *const good_data[] = { &own_bss };
handler *chosen __ro_after_init = handle_first;

handler *const bad_handlers[] = { handle_first, host_function };	/* WARN hyp-absolute 'host_function' */
u64 *const bad_data[] = { &own_bss, &host_bss };			/* WARN hyp-absolute 'host_bss' */
handler *bad_choice __ro_after_init = host_function;			/* WARN hyp-absolute 'host_function' */

HYP u64 dispatches(u64 which, u64 value)
{
	return good_handlers[which](value) + bad_handlers[which](value) + READ(chosen)(value) + READ(bad_choice)(value);
}

HYP u64 looks_up(u64 which)
{
	return READ(*good_data[which]) + READ(*bad_data[which]);
}
