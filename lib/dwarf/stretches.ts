// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Ranges that lie in each other by the thousand, taken apart once: an offset then
// leads to the one that counts there without a look at the others. No compiler makes
// so many; what was made to cost time does.

import { firstWhere } from '../elf/bisect.js';

/** Offsets start .. end (exclusive). */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A heap of indexes; the least by `isBefore` is on top. */
class Heap {
  readonly #items: number[] = [];
  readonly #isBefore: (a: number, b: number) => boolean;

  constructor(isBefore: (a: number, b: number) => boolean) {
    this.#isBefore = isBefore;
  }

  get top(): number | undefined {
    return this.#items[0];
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = items[above] ?? 0;
      if (!this.#isBefore(item, other)) break;
      items[at] = other;
      at = above;
    }
    items[at] = item;
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [items[left], items[left + 1]];
      if (a === undefined) break;
      const [least, where] = b !== undefined && this.#isBefore(b, a) ? [b, left + 1] : [a, left];
      if (!this.#isBefore(least, last)) break;
      items[at] = least;
      at = where;
    }
    items[at] = last;
  }
}

/**
 * For each offset the index of the range that counts there: of those that hold it the first by `isBefore`, which orders
 * indexes. Returns -1 where none holds it.
 */
export const stretchesOf = (
  ranges: readonly Stretch[],
  isBefore: (a: number, b: number) => boolean,
): ((offset: number) => number) => {
  const order = ranges.map((_, index) => index).sort((a, b) => startOf(ranges, a) - startOf(ranges, b));
  const bounds = Float64Array.from(new Set(ranges.flatMap(({ start, end }) => [start, end]))).sort();
  const owners = new Int32Array(bounds.length).fill(-1);
  const open = new Heap(isBefore);
  let next = 0;
  for (const [at, bound] of bounds.entries()) {
    for (; next < order.length && startOf(ranges, order[next]) <= bound; next++) open.push(order[next] ?? 0);
    while (open.top !== undefined && (ranges[open.top]?.end ?? 0) <= bound) open.pop();
    owners[at] = open.top ?? -1;
  }
  return (offset) => owners[firstWhere(bounds.length, (index) => (bounds[index] ?? 0) > offset) - 1] ?? -1;
};

const startOf = (ranges: readonly Stretch[], index: number | undefined): number =>
  ranges[index ?? -1]?.start ?? Number.POSITIVE_INFINITY;
