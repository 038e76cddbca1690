// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * No relocation says "store" for a pair: the address is formed (ADRP and ADD,
 * fine for .bss), and what goes through the register writes.
 */
#include "../include/hyp.h"

struct pair {
	u64 first;
	u64 second;
};

struct pair host_pair;
struct pair host_source;

__hyp_text void stores_both(u64 first, u64 second)
{
	host_pair = (struct pair){ first, second };	/* WARN hyp-write 'host_pair' */
}
HYP_ENTRY(stores_both);

__hyp_text u64 loads_both(void)
{
	struct pair copy = host_source;

	return opaque_value(copy.first) + opaque_value(copy.second);
}
HYP_ENTRY(loads_both);

/* A write through a pointer that is not known here. */
__hyp_text void stores_elsewhere(struct pair *to, u64 first, u64 second)
{
	*to = (struct pair){ first, second };
}
HYP_ENTRY(stores_elsewhere);
