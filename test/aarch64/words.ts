// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Words to try a decoder with, made from a seed so that a failure can be repeated:
// for each row of the table words that fit it, plain and with extreme registers, and
// their neighbours by one bit; and random words.

import { rows } from '../../lib/aarch64/a64.js';
import { Encoding } from '../../lib/aarch64/encoding.js';

/** Numbers of 32 bits (mulberry32). */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};

/** About `count` words; two thirds of them by row. */
export const wordsToTry = (count: number, seed: number): Uint32Array => {
  const next = randomNumbers(seed);
  const encodings = rows.map((row) => new Encoding(row));
  const each = Math.ceil((count * 2) / 3 / encodings.length);
  const words: number[] = [];
  for (const { mask, value } of encodings) {
    for (let index = 0; index < each; index++) {
      const kind = index % 8;
      // Registers are at bits 0, 5, 10 and 16: all of them, none, or some 31 or 0.
      const extremes = [0x1f, 0x3e0, 0x7c00, 0x1f0000].reduce(
        (sum, one) => (next() % 3 === 0 ? sum | one : sum),
        0,
      );
      const free = kind === 1 ? next() | extremes : kind === 2 ? next() & ~extremes : next();
      const word = (free & ~mask) | value;
      words.push((kind === 3 ? word ^ (1 << (next() % 32)) : word) >>> 0);
    }
  }
  while (words.length < count) words.push(next());
  return Uint32Array.from(words);
};
