// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The one bisection: everything sorted here is searched for the first element
// that lies behind some limit, or for the one before it.

/** The first index at which `isBehind` holds, in 0 .. count where it holds from some index on; count where it never does. */
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

/** Index of the last number that is not above a limit; -1 where all are. */
export const lastNotAbove = (sorted: readonly number[], limit: number): number =>
  firstWhere(sorted.length, (index) => (sorted[index] ?? 0) > limit) - 1;
