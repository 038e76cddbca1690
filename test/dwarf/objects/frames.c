// SPDX-License-Identifier: GPL-2.0-only OR MIT
// Functions with inlined calls, one that is only declared inline, and variables of every storage.
#include "include/depth.h"

/* Cold code lies in a section of its own; -DRARE= keeps it with the rest, where an offset alone is an address. */
#ifndef RARE
#define RARE __attribute__((cold, noinline))
#endif

extern int declared_first;

volatile int cells[4];
int declared_first = 3;
static int private_count;

__attribute__((noinline)) static int counted(int by)
{
	static int hidden;

	hidden += by;
	private_count += hidden;
	return private_count;
}

int entry_point(int weight)
{
	int sum = middle(cells, weight);

	for (int i = 0; i < weight; i++)
		sum += optional(&cells[i & 1]) + counted(i);
	return sum + declared_first;
}

RARE int rarely(int value)
{
	return innermost(cells + value) - 1;
}

int entry_twice(int weight)
{
	if (__builtin_expect(weight < 0, 0))
		return rarely(weight);
	return middle(cells, 1) + middle(cells + 1, weight);
}
