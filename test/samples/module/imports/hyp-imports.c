// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* EXPECT hyp-unchecked '*': a call that another module may be there for; module/exporter is. */
#include "../../include/module.h"

extern u64 exported(u64 value);

HYP u64 calls(u64 value)
{
	return exported(value) + 1;
}
