// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Hyp code for the host to go wrong with. */
#include "../../include/nvhe.h"

u64 shared_setting;

HYP u64 hyp_helper(u64 value)
{
	return value + 1;
}

HYP __idmap u64 hyp_idmap_helper(u64 value)
{
	return value + 2;
}

HYP u64 hyp_caller(u64 value)
{
	return hyp_helper(value) + READ(shared_setting);
}
