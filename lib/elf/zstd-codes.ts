// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The codes by which Zstandard writes lengths and offsets. [RFC 8878, 3.1.1.3.2]

import {
  type BackwardBits,
  Damaged,
  type FseTable,
  fseTable,
  oneSymbol,
  part,
  readFseTable,
} from './zstd-entropy.js';

/** What a code of a length or an offset stands for: a number, and how many bits to add. */
interface Codes {
  readonly bases: readonly number[];
  readonly bits: readonly number[];
  readonly maxAccuracy: number;
  readonly usual: FseTable;
}

/** Runs of numbers that each begin where the one before ends. */
const codes = (
  first: number,
  bits: readonly number[],
  maxAccuracy: number,
  accuracy: number,
  usual: readonly number[],
): Codes => {
  let base = first;
  const bases = bits.map((width) => {
    const own = base;
    base += 2 ** width;
    return own;
  });
  return { bases, bits, maxAccuracy, usual: fseTable(accuracy, usual) };
};

const times = (count: number, value: number): readonly number[] => Array<number>(count).fill(value);

/** [3.1.1.3.2.1.1, and the default distributions of 3.1.1.3.2.2] */
export const literalLengths = codes(
  0,
  [...times(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  9,
  6,
  [
    4,
    3,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    1,
    1,
    1,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
    3,
    2,
    1,
    1,
    1,
    1,
    1,
    ...times(4, -1),
  ],
);
export const matchLengths = codes(
  3,
  [...times(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  9,
  6,
  [1, 4, 3, 2, 2, 2, 2, 2, 2, ...times(37, 1), ...times(7, -1)],
);
export const offsets = codes(
  1,
  Array.from({ length: 32 }, (_, code) => code),
  8,
  5,
  [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ...times(5, -1)],
);

/** What a state's code stands for. */
export const numberOf = (of: Codes, table: FseTable, state: number, stream: BackwardBits): number => {
  const code = table.symbols[state] ?? 0;
  const base = of.bases[code];
  if (base === undefined) throw new Damaged();
  return base + stream.readWide(of.bits[code] ?? 0);
};

/** The table that a block goes by, and how long its description is. [3.1.1.3.2.1] */
export const tableOf = (
  mode: number,
  bytes: Uint8Array,
  { usual, maxAccuracy, bases }: Codes,
  before: FseTable | null,
): { readonly table: FseTable; readonly length: number } => {
  switch (mode) {
    case 0:
      return { table: usual, length: 0 };
    case 1:
      return { table: oneSymbol(part(bytes, 0, 1)[0] ?? 0), length: 1 };
    case 2:
      return readFseTable(bytes, { accuracy: maxAccuracy, symbols: bases.length });
    default:
      if (!before) throw new Damaged();
      return { table: before, length: 0 };
  }
};
