// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rest of the module. */
#include "../../include/module.h"

MODULE;
