// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The A64 instruction set as one table, after the Arm ARM's "A64 instruction set
// encoding" (DDI 0487, C4). Everything that the rest of the program knows about a
// word comes from its row. The first row that fits counts: rows that refuse
// unallocated encodings stand before the class that contains them, and the last
// row refuses whatever is left.

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

/** Caches: the rows that fit words with the same top bits, by bits 31:24 and by bits 31:21. */
const byByte: (readonly Encoding[] | undefined)[] = new Array(256);
const byTop: (readonly Encoding[] | undefined)[] = new Array(2048);

/** The parsed rows of a group, made when one of its words is first decoded. */
const encodings = new Map<readonly Row[], readonly Encoding[]>();

const ofGroup = (op0: number): readonly Encoding[] => {
  const group = groups[op0] ?? [];
  const all = encodings.get(group) ?? [...group, refusal].map((row) => new Encoding(row));
  encodings.set(group, all);
  return all;
};

/** The rows of a list that fit some word with the top bits of `word`; `top` masks these bits. */
const fitting = (list: readonly Encoding[], word: number, top: number): readonly Encoding[] =>
  list.filter((one) => ((word ^ one.value) & one.mask & top) === 0);

const candidates = (word: number): readonly Encoding[] => {
  const known = byByte[word >>> 24] ?? fitting(ofGroup((word >>> 25) & 15), word, 0xff000000);
  byByte[word >>> 24] = known;
  const found = fitting(known, word, 0xffe00000);
  byTop[word >>> 21] = found;
  return found;
};

export const encodingOf = (word: number): Encoding => {
  const list = byTop[word >>> 21] ?? candidates(word);
  // By index: asked for every instruction, most of the time before V8 has compiled it, when an iterator is an object a step.
  for (let index = 0; index < list.length; index++) {
    const encoding = list[index];
    if (encoding && (word & encoding.mask) === encoding.value && encoding.fits(word)) return encoding;
  }
  throw new Error('the last row of the table fits every word');
};
