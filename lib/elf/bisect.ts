// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The one bisection: finds the first element of something sorted that lies behind
// a limit, or the one before it.

/** The first index in 0 .. count from which on `isBehind` holds; count if there is none. */
export const firstWhere = (count: number, isBehind: (index: number) => boolean): number => {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Index of the last number that is not above a limit; -1 if all are. */
export const lastNotAbove = (sorted: readonly number[], limit: number): number =>
  firstWhere(sorted.length, (index) => (sorted[index] ?? 0) > limit) - 1;
