// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A few offsets for each of many words of a section: from where branches come to
// it, say. A list for each of a large section's words would take ten times the
// space of the section: here are all in one row, sorted by the word.

import { firstWhere } from '../elf/bisect.js';
import { sortedOrder } from '../elf/sorted-order.js';

const none: readonly number[] = [];

export class OffsetLists {
  readonly #keys: Uint32Array;
  readonly #offsets: Uint32Array;

  /** Of each pair an offset and one of its list, in the order of the list; none is negative. */
  constructor(keys: readonly number[], offsets: readonly number[]) {
    const order = sortedOrder(keys.length, (index) => keys[index] ?? 0);
    this.#keys = order.map((index) => keys[index] ?? 0);
    this.#offsets = order.map((index) => offsets[index] ?? 0);
  }

  of(offset: number): readonly number[] {
    const keys = this.#keys;
    const start = firstWhere(keys.length, (index) => (keys[index] ?? 0) >= offset);
    let end = start;
    while (keys[end] === offset) end++;
    return end === start ? none : Array.from(this.#offsets.subarray(start, end));
  }
}
