// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where an address stands in a linked instruction, and how the instruction was
// before a relocation put it there: with nothing in the field. The inverse of
// what a linker does. [AAELF64 "Static AArch64 relocations"]

import { field, signedField } from './fields.js';

/** An address in one instruction, relative to its own place. */
export interface PlacedAddress {
  /** The relocation that puts it there, without R_AARCH64_. */
  readonly type: string;
  /** Bytes from the instruction; of ADRP from its page. */
  readonly displacement: number;
  /** The instruction without it. */
  readonly bare: number;
}

interface Row {
  readonly mask: number;
  readonly value: number;
  readonly type: string;
  /** Bits of the field. */
  readonly at: number;
  readonly width: number;
}

/** A displacement of words in one field. */
const rows: readonly Row[] = [
  { mask: 0xfc000000, value: 0x94000000, type: 'CALL26', at: 0, width: 26 },
  { mask: 0xfc000000, value: 0x14000000, type: 'JUMP26', at: 0, width: 26 },
  { mask: 0xff000000, value: 0x54000000, type: 'CONDBR19', at: 5, width: 19 },
  { mask: 0x7e000000, value: 0x34000000, type: 'CONDBR19', at: 5, width: 19 },
  { mask: 0x7e000000, value: 0x36000000, type: 'TSTBR14', at: 5, width: 14 },
  { mask: 0x3b000000, value: 0x18000000, type: 'LD_PREL_LO19', at: 5, width: 19 },
];

/** ADR, ADRP. */
export const formsAddress = (word: number): boolean => (word & 0x1f000000) === 0x10000000;

/** Branches and loads of literals have one of these in their uppermost byte; most words have not. */
const mayBePlaced = (word: number): boolean =>
  (word & 0x1c000000) === 0x14000000 || (word & 0x3b000000) === 0x18000000 || formsAddress(word);

const ADDRESS_FIELDS = 0x60ffffe0;

/** The page or place that ADRP or ADR names, and whether it is a page. */
const addressOf = (word: number): PlacedAddress => {
  const number = signedField(word, 5, 19) * 4 + field(word, 29, 2);
  const isPage = word >>> 31 === 1;
  return {
    type: isPage ? 'ADR_PREL_PG_HI21' : 'ADR_PREL_LO21',
    displacement: isPage ? number * 4096 : number,
    bare: (word & ~ADDRESS_FIELDS) >>> 0,
  };
};

/** The address in an instruction, or null where it has none. */
export const placedAddress = (word: number): PlacedAddress | null => {
  if (!mayBePlaced(word)) return null;
  if (formsAddress(word)) return addressOf(word);
  const row = rows.find(({ mask, value }) => (word & mask) >>> 0 === value);
  if (!row) return null;
  const { at, width, type } = row;
  return {
    type,
    displacement: signedField(word, at, width) * 4,
    bare: (word & ~(((1 << width) - 1) << at)) >>> 0,
  };
};

/** ADR and ADRP, one made of the other: they differ in a bit. */
export const asPage = (word: number): number => (word | 0x80000000) >>> 0;
export const asAddress = (word: number): number => (word & 0x7fffffff) >>> 0;

/** The low 12 bits of an address in an ADD, a load or a store. */
export interface LowBits {
  readonly type: string;
  readonly value: number;
  readonly bare: number;
}

const LOW = 0xfff << 10;

/** ADD (immediate) of 64 bits, LDR and STR with an unsigned offset; null for everything else. */
export const lowBits = (word: number): LowBits | null => {
  const number = field(word, 10, 12);
  const bare = (word & ~LOW) >>> 0;
  if ((word & 0xffc00000) >>> 0 === 0x91000000) return { type: 'ADD_ABS_LO12_NC', value: number, bare };
  if ((word & 0x3b000000) !== 0x39000000) return null;
  const isWide = field(word, 26, 1) === 1 && field(word, 23, 1) === 1;
  const scale = isWide ? 4 : field(word, 30, 2);
  return { type: `LDST${8 << scale}_ABS_LO12_NC`, value: number << scale, bare };
};

/** Sixteen bits of an address in MOVZ, MOVN or MOVK. */
export interface QuarterMove {
  readonly type: string;
  readonly register: number;
  /** Which sixteen bits, 0 the lowest. */
  readonly quarter: number;
  readonly value: number;
  /** What the other bits become: 0 or all ones; null: they stay. (MOVK) */
  readonly others: number | null;
  readonly bare: number;
}

const QUARTER = 0xffff << 5;

/** MOVZ, MOVN and MOVK of 64 bits; null for everything else. */
export const quarterMove = (word: number): QuarterMove | null => {
  if ((word & 0x9f800000) >>> 0 !== 0x92800000) return null;
  const [operation, quarter, number] = [field(word, 29, 2), field(word, 21, 2), field(word, 5, 16)];
  if (operation === 1) return null;
  const isKept = operation === 3;
  const isInverse = operation === 0;
  return {
    type: `MOVW_UABS_G${quarter}${isKept && quarter < 3 ? '_NC' : ''}`,
    register: field(word, 0, 5),
    quarter,
    value: isInverse ? number ^ 0xffff : number,
    others: isKept ? null : isInverse ? 0xffff : 0,
    bare: (word & ~QUARTER) >>> 0,
  };
};

/** Bytes that an LDR (literal) loads: 4, 8 or, into a vector register, 16. */
export const literalSize = (word: number): number => {
  const size = field(word, 30, 2);
  const isVector = field(word, 26, 1) === 1;
  if (isVector) return 4 << size;
  return size === 1 ? 8 : 4;
};
