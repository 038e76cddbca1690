/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Helpers that are inlined into each other, so that one instruction has several frames. */
#define ALWAYS static inline __attribute__((always_inline))

extern int outside(int value);

ALWAYS int innermost(volatile int *cell)
{
	return *cell * 3 + outside(*cell);
}

ALWAYS int middle(volatile int *cell, int weight)
{
	int sum = 0;

	if (weight > 2) {
		int doubled = innermost(cell) * 2;

		sum += doubled;
	}
	return sum + innermost(cell + 1);
}

static inline int optional(volatile int *cell)
{
	return cell[2] ^ 0x55;
}
