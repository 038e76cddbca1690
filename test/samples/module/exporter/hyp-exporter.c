// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What module/imports calls; not one warning. */
#include "../../include/module.h"

u64 steps = 2;

HYP u64 exported(u64 value)
{
	return value + READ(steps);
}
