// SPDX-License-Identifier: GPL-2.0-only OR MIT
// Another unit with a function and a variable of the same names as the first one's private ones.
#include "include/depth.h"

static int private_count = 7;
const int constants[3] = { 1, 2, 3 };

static int counted(volatile int *cell)
{
	private_count += innermost(cell);
	return private_count;
}

int second_entry(volatile int *cell)
{
	return counted(cell) + optional(cell) + constants[*cell & 1];
}
