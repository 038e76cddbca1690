// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A few offsets for each of many words of a section: from where branches come to
// it, say. A list for each of a large section's words would take ten times the
// space of the section: here are all in one row, sorted by the word.

import { firstWhere } from '../elf/bisect.js';

const none: readonly number[] = [];

export class OffsetLists {
  readonly #keys: Uint32Array;
  readonly #offsets: Uint32Array;

  /** Of each pair an offset and one of its list, in the order of the list; none is negative. */
  constructor(keys: readonly number[], offsets: readonly number[]) {
    const order = sortedOrder(keys);
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

/** Numbers of a key's place that fit behind it: keys are below 2^32, and numbers exact below 2^53. */
const PLACES = 2 ** 21;

/**
 * The places of keys in the order of these, and of equal ones in their own. Sorted as numbers that hold both, if there are
 * not too many, for which no function has to compare two.
 */
const sortedOrder = (keys: readonly number[]): Uint32Array => {
  if (keys.length > PLACES)
    return Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  const order = new Uint32Array(keys.length);
  const packed = new Float64Array(keys.length);
  for (let index = 0; index < keys.length; index++) packed[index] = (keys[index] ?? 0) * PLACES + index;
  packed.sort();
  for (let index = 0; index < keys.length; index++) order[index] = (packed[index] as number) % PLACES;
  return order;
};
