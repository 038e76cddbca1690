// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From a word to what it computes: one function for each form of operands. The
// rows of the table name them and give them only allocated words.

import { bit, field, signedField } from './fields.js';
import {
  type BaseAddress,
  type LoadAddress,
  type Operand,
  type Operation,
  type Register,
  SP,
  ZERO,
} from './operations.js';

type Form = (word: number) => Operation;

const spOr = (register: Register): Register => (register === 31 ? SP : register);

const rd = (word: number): Register => word & 31;
const rn = (word: number): Register => field(word, 5, 5);
const rm = (word: number): Register => field(word, 16, 5);

/** 64 bits. */
const isWide = (word: number): boolean => bit(word, 31);

const shifts = ['lsl', 'lsr', 'asr', 'ror'] as const;
const extensions = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'] as const;

const shifted = (word: number): Operand => ({
  kind: 'register',
  register: rm(word),
  adjustment: { kind: shifts[field(word, 22, 2)] ?? 'lsl', amount: field(word, 10, 6) },
});

const extended = (word: number): Operand => ({
  kind: 'register',
  register: rm(word),
  adjustment: { kind: extensions[field(word, 13, 3)] ?? 'uxtx', amount: field(word, 10, 3) },
});

const ones = (count: number): bigint => (1n << BigInt(count)) - 1n;

/** The mask that N, immr and imms of a logical immediate stand for, or null. [Arm ARM, DecodeBitMasks] */
export const decodeBitMask = (n: number, immr: number, imms: number, wide: boolean): bigint | null => {
  const length = 31 - Math.clz32((n << 6) | (~imms & 63));
  if (length < 1 || (!wide && n === 1)) return null;
  const size = 1 << length;
  const s = imms & (size - 1);
  const r = immr & (size - 1);
  if (s === size - 1) return null;
  const run = ones(s + 1);
  const element = ((run >> BigInt(r)) | (run << BigInt(size - r))) & ones(size);
  let mask = 0n;
  for (let at = 0; at < (wide ? 64 : 32); at += size) mask |= element << BigInt(at);
  return mask;
};

const bitMask = (word: number): bigint | null =>
  decodeBitMask(field(word, 22, 1), field(word, 16, 6), field(word, 10, 6), bit(word, 31));

export const hasBitMask = (word: number): boolean => bitMask(word) !== null;

/** MOVN, MOVZ. */
export const constantMove: Form = (word) => {
  const wide = isWide(word);
  const placed = BigInt(field(word, 5, 16)) << BigInt(field(word, 21, 2) * 16);
  const isInverted = !bit(word, 30);
  return {
    to: rd(word),
    wide,
    kind: 'constant',
    value: isInverted ? ~placed & ones(wide ? 64 : 32) : placed,
  };
};

/** MOVK. */
export const insertingMove: Form = (word) => ({
  to: rd(word),
  wide: isWide(word),
  kind: 'insert',
  value: BigInt(field(word, 5, 16)),
  shift: field(word, 21, 2) * 16,
});

/** ADR, ADRP. */
export const address: Form = (word) => {
  const page = bit(word, 31);
  const immediate = signedField(word, 5, 19) * 4 + field(word, 29, 2);
  return {
    to: rd(word),
    wide: true,
    kind: 'address',
    page,
    displacement: page ? immediate * 4096 : immediate,
  };
};

const sum = (word: number, right: Operand, hasStack: boolean): Operation => {
  const setsFlags = bit(word, 29);
  return {
    kind: 'sum',
    to: hasStack && !setsFlags ? spOr(rd(word)) : rd(word),
    wide: isWide(word),
    left: hasStack ? spOr(rn(word)) : rn(word),
    right,
    subtract: bit(word, 30),
    setsFlags,
  };
};

export const immediateSum: Form = (word) =>
  sum(word, { kind: 'constant', value: BigInt(field(word, 10, 12)) << (bit(word, 22) ? 12n : 0n) }, true);

export const shiftedSum: Form = (word) => sum(word, shifted(word), false);

export const extendedSum: Form = (word) => sum(word, extended(word), true);

const logicNames = ['and', 'or', 'xor', 'and'] as const;

const logic = (word: number, right: Operand): Operation => {
  const setsFlags = field(word, 29, 2) === 3;
  return {
    kind: 'logic',
    to: right.kind === 'constant' && !setsFlags ? spOr(rd(word)) : rd(word),
    wide: isWide(word),
    operator: logicNames[field(word, 29, 2)] ?? 'and',
    left: rn(word),
    right,
    invert: right.kind === 'register' && bit(word, 21),
    setsFlags,
  };
};

export const immediateLogic: Form = (word) => logic(word, { kind: 'constant', value: bitMask(word) ?? 0n });

export const shiftedLogic: Form = (word) => logic(word, shifted(word));

/** EXTR of one register: ROR (immediate), as compilers fold the cases of a switch. */
export const rotation = (word: number): Operation | null =>
  rn(word) === rm(word)
    ? {
        to: rd(word),
        wide: isWide(word),
        kind: 'logic',
        operator: 'or',
        left: ZERO,
        right: {
          kind: 'register',
          register: rm(word),
          adjustment: { kind: 'ror', amount: field(word, 10, 6) },
        },
        invert: false,
        setsFlags: false,
      }
    : null;

/** SBFM, UBFM. */
export const bitfield: Form = (word) => ({
  to: rd(word),
  wide: isWide(word),
  kind: 'bitfield',
  from: rn(word),
  signed: !bit(word, 30),
  immr: field(word, 16, 6),
  imms: field(word, 10, 6),
});

/** LSLV, LSRV, ASRV. */
export const variableShift: Form = (word) => ({
  to: rd(word),
  wide: isWide(word),
  kind: 'shift',
  left: rn(word),
  by: rm(word),
  direction: (['left', 'right', 'arithmetic'] as const)[field(word, 10, 2)] ?? 'left',
});

const changes = ['none', 'increment', 'invert', 'negate'] as const;

/** CSEL, CSINC, CSINV, CSNEG. */
export const selection: Form = (word) => ({
  to: rd(word),
  wide: isWide(word),
  kind: 'select',
  condition: field(word, 12, 4),
  whenTrue: rn(word),
  whenFalse: rm(word),
  change: changes[(bit(word, 30) ? 2 : 0) + (bit(word, 10) ? 1 : 0)] ?? 'none',
});

/** CCMN, CCMP. */
export const comparison: Form = (word) => ({
  to: ZERO,
  wide: bit(word, 31),
  kind: 'compare',
  condition: field(word, 12, 4),
  left: rn(word),
  right: bit(word, 11)
    ? { kind: 'constant', value: BigInt(rm(word)) }
    : { kind: 'register', register: rm(word), adjustment: { kind: 'lsl', amount: 0 } },
  subtract: bit(word, 30),
  otherwise: word & 15,
});

type Address<T extends LoadAddress = LoadAddress> = (word: number) => T;

const literalAddress: Address = (word) => ({ kind: 'literal', displacement: signedField(word, 5, 19) * 4 });

const writebacks = ['none', 'post', 'none', 'pre'] as const;

/** The size of what a load or store of one register transfers, as a power of two; Q registers have a bit of their own. */
const scale = (word: number): number => (bit(word, 26) && bit(word, 23) ? 4 : word >>> 30);

/** LDR* and STR* (unsigned offset). */
const scaledAddress: Address<BaseAddress> = (word) => ({
  kind: 'base',
  base: spOr(rn(word)),
  displacement: field(word, 10, 12) << scale(word),
  writeback: 'none',
});

/** LDUR*, LDR* post- and pre-indexed, LDTR*, and the stores. */
const unscaledAddress: Address<BaseAddress> = (word) => ({
  kind: 'base',
  base: spOr(rn(word)),
  displacement: signedField(word, 12, 9),
  writeback: writebacks[field(word, 10, 2)] ?? 'none',
});

/** LDR* (register). */
const indexedAddress: Address = (word) => ({
  kind: 'indexed',
  base: spOr(rn(word)),
  index: rm(word),
  adjustment: {
    kind: (['uxtw', 'lsl', 'sxtw', 'sxtx'] as const)[field(word, 13, 1) + (bit(word, 15) ? 2 : 0)] ?? 'lsl',
    amount: bit(word, 12) ? word >>> 30 : 0,
  },
});

type Place = (word: number) => BaseAddress & { readonly size: number };

const single =
  (address: Address<BaseAddress>): Place =>
  (word) => ({ ...address(word), size: 1 << scale(word) });

export const scaledPlace = single(scaledAddress);
export const unscaledPlace = single(unscaledAddress);

/** `unit`: the unit of the displacement in bytes. */
const pair = (word: number, unit: number, size: number): ReturnType<Place> => ({
  kind: 'base',
  base: spOr(rn(word)),
  displacement: signedField(word, 15, 7) * unit,
  writeback: writebacks[field(word, 23, 2)] ?? 'none',
  size,
});

/** LDP, STP of 32 or 64 bits, LDPSW. */
export const pairPlace: Place = (word) => (bit(word, 31) ? pair(word, 8, 8) : pair(word, 4, 4));

/** STGP: in units of 16 bytes, as tags are. */
export const taggedPairPlace: Place = (word) => pair(word, 16, 8);

/** LDP, STP (SIMD&FP). */
export const vectorPairPlace: Place = (word) => pair(word, 4 << (word >>> 30), 4 << (word >>> 30));

/** LDR (literal), LDRSW (literal). */
export const literalLoad: Form = (word) => {
  const opcode = word >>> 30;
  return {
    to: rd(word),
    kind: 'load',
    wide: opcode !== 0,
    size: opcode === 1 ? 8 : 4,
    signed: opcode === 2,
    address: literalAddress(word),
  };
};

const load =
  (address: Address): Form =>
  (word) => {
    const size = ([1, 2, 4, 8] as const)[word >>> 30] ?? 8;
    const signed = bit(word, 23);
    const wide = signed ? !bit(word, 22) : size === 8;
    return { to: rd(word), kind: 'load', size, signed, wide, address: address(word) };
  };

export const scaledLoad = load(scaledAddress);
export const unscaledLoad = load(unscaledAddress);
export const indexedLoad = load(indexedAddress);
