// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The A64 instruction set as one table, after the Arm ARM's "A64 instruction set
// encoding" (DDI 0487, C4). All that the rest of the program knows of a word
// comes from its row. The first row that fits counts: refusals of what is not
// allocated stand before the class that they are cut out of, and the last row
// refuses whatever nobody else took.

import { branchesAndSystem } from './a64-branch.js';
import { immediate } from './a64-immediate.js';
import { memory } from './a64-memory.js';
import { register } from './a64-register.js';
import { vector } from './a64-vector.js';
import { Encoding, type Row } from './encoding.js';

/** By op0, bits 28:25. [Arm ARM C4.1 "A64 instruction set encoding"] */
const groups: readonly (readonly Row[])[] = [
  ...[vector, [], vector, [], memory, register, memory, vector],
  ...[immediate, immediate, branchesAndSystem, branchesAndSystem, memory, register, memory, vector],
];

const refusal: Row = ['xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx', 'not allocated', '?'];

/** All rows, each once. */
export const rows: readonly Row[] = [...new Set(groups.flat()), refusal];

/** A group's rows are read when first one of its words is asked about. */
const encodings = new Map<readonly Row[], readonly Encoding[]>();

/** Bits 31:21: few rows share them. */
const TOP = 21;

/** Rows that may fit by a word's top bits, as far as such words were asked about. */
const byTop: (readonly Encoding[] | undefined)[] = new Array(1 << (32 - TOP));

const candidates = (top: number): readonly Encoding[] => {
  const group = groups[(top >>> 4) & 15] ?? [];
  const all = encodings.get(group) ?? [...group, refusal].map((row) => new Encoding(row));
  encodings.set(group, all);
  const fitting = all.filter(({ mask, value }) => (((top << TOP) ^ value) & mask) >>> TOP === 0);
  byTop[top] = fitting;
  return fitting;
};

/** The row of a word. */
export const encodingOf = (word: number): Encoding => {
  for (const encoding of byTop[word >>> TOP] ?? candidates(word >>> TOP)) {
    if (encoding.matches(word)) return encoding;
  }
  throw new Error('the last row of the table fits every word');
};
