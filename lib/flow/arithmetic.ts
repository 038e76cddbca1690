// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Sums, masks and shifts of partly known values. Exact if all bits of both
// operands are known; otherwise only what is certain.

import type { Adjustment } from '../aarch64/operations.js';
import { REACH } from '../code/address-space.js';
import {
  ALL,
  type Bits,
  bitsOf,
  constant,
  constantOf,
  LOW,
  low32,
  makeBits,
  makePlaces,
  smaller,
  type Value,
} from './values.js';

const extensionWidths: Readonly<Record<Adjustment['kind'], number>> = {
  lsl: 64,
  lsr: 64,
  asr: 64,
  ror: 64,
  uxtb: 8,
  uxth: 16,
  uxtw: 32,
  uxtx: 64,
  sxtb: 8,
  sxth: 16,
  sxtw: 32,
  sxtx: 64,
};

/** The low `width` bits, zero-extended. */
const cut = (value: Value, width: number): Value => {
  if (width >= 64) return value;
  if (width === 32) return low32(value);
  const mask = (1n << BigInt(width)) - 1n;
  const { zeros, ones, max, lowMax } = bitsOf(value);
  // The mask cuts nothing off a number within it, so the bound of the low half still holds.
  const bound = width < 32 ? lowMax : max;
  return makeBits(zeros | (ALL ^ mask), ones & mask, smaller(bound, mask));
};

/** The low `width` bits, sign-extended. */
const extend = (value: Value, width: number): Value => {
  if (width >= 64) return value;
  const low = cut(value, width);
  const top = 1n << BigInt(width - 1);
  const known = bitsOf(low);
  if (known.zeros & top) return low;
  const mask = (1n << BigInt(width)) - 1n;
  if (known.ones & top) return makeBits(known.zeros & mask, known.ones | (ALL ^ mask));
  return makeBits(known.zeros & (mask >> 1n), known.ones & (mask >> 1n));
};

/** Shift left. */
const up = (value: Value, by: number): Value => {
  if (by === 0) return value;
  const { zeros, ones, max } = bitsOf(value);
  const shift = BigInt(by);
  const low = (1n << shift) - 1n;
  const moved = max << shift;
  return makeBits(((zeros << shift) | low) & ALL, (ones << shift) & ALL, moved <= ALL ? moved : ALL);
};

/** Logical shift right. */
const down = (value: Value, by: number): Value => {
  const { zeros, ones, max } = bitsOf(value);
  const shift = BigInt(by);
  const high = ALL ^ (ALL >> shift);
  return makeBits((zeros >> shift) | high, ones >> shift, max >> shift);
};

/** An operand as the instruction sees it: extended or shifted. */
export const adjust = (value: Value, { kind, amount }: Adjustment, wide: boolean): Value => {
  if (value?.kind === 'entry') return adjustEntry(value, kind, amount);
  const operand = wide || extensionWidths[kind] < 64 ? value : low32(value);
  switch (kind) {
    case 'lsl':
      return up(operand, amount);
    case 'lsr':
      return amount === 0 ? operand : down(operand, amount);
    case 'asr':
    case 'ror':
      return amount === 0 ? operand : null;
    case 'uxtb':
    case 'uxth':
    case 'uxtw':
    case 'uxtx':
      return up(cut(operand, extensionWidths[kind]), amount);
    case 'sxtb':
    case 'sxth':
    case 'sxtw':
    case 'sxtx':
      return up(extend(operand, extensionWidths[kind]), amount);
    default:
      return kind satisfies never;
  }
};

type Entry = Extract<Value, { kind: 'entry' }>;

const adjustEntry = (entry: Entry, kind: Adjustment['kind'], amount: number): Value => {
  const width = extensionWidths[kind];
  const bits = entry.size * 8;
  const shift = entry.shift + amount;
  if (kind === 'lsl' || kind === 'uxtx' || kind === 'sxtx') return { ...entry, shift };
  if (entry.shift !== 0 || kind === 'lsr' || kind === 'asr' || kind === 'ror' || width < bits) return null;
  if (kind.startsWith('s'))
    return width === bits || entry.signed
      ? { ...entry, signed: width === bits || entry.signed, shift }
      : { ...entry, shift };
  return entry.signed ? null : { ...entry, shift };
};

/** left + right, or left - right. */
export const add = (left: Value, right: Value, subtract: boolean): Value => {
  const a = constantOf(left);
  const b = constantOf(right);
  if (a !== null && b !== null) return constant(BigInt.asUintN(64, subtract ? a - b : a + b));
  if (left?.kind === 'places') return moved(left, subtract && b !== null ? -b : b);
  if (right?.kind === 'places' && !subtract) return moved(right, a);
  if (right?.kind === 'places') return moved(right, null);
  if (subtract || left?.kind !== 'bits' || right?.kind !== 'bits') return null;
  // If there is no carry out, a sum is at most the sum of the bounds.
  const max = left.max + right.max;
  return max <= ALL ? makeBits(0n, 0n, max) : null;
};

/** What is moved out of the reach of its section is as good as moved by something unknown. */
const moved = (places: Extract<Value, { kind: 'places' }>, by: bigint | null): Value => {
  const distance = by === null ? REACH : Number(BigInt.asIntN(64, by));
  const isKnown = Math.abs(distance) < REACH;
  return makePlaces(
    places.sites.map((site) =>
      isKnown ? { ...site, target: site.target + distance } : { ...site, inexact: true },
    ),
    places.others,
  );
};

export const logic = (operator: 'and' | 'or' | 'xor', left: Value, right: Value, invert: boolean): Value => {
  const a = bitsOf(left);
  const other = bitsOf(right);
  const b: Bits = invert ? { ...other, zeros: other.ones, ones: other.zeros, max: ALL, lowMax: LOW } : other;
  switch (operator) {
    case 'and':
      return makeBits(a.zeros | b.zeros, a.ones & b.ones, smaller(a.max, b.max), smaller(a.lowMax, b.lowMax));
    case 'or':
      return makeBits(a.zeros & b.zeros, a.ones | b.ones);
    case 'xor':
      return makeBits((a.zeros & b.zeros) | (a.ones & b.ones), (a.zeros & b.ones) | (a.ones & b.zeros));
    default:
      return operator satisfies never;
  }
};

/** UBFM and SBFM. [Arm ARM C6.2 "UBFM", "SBFM"] */
export const bitfield = (value: Value, signed: boolean, immr: number, imms: number, wide: boolean): Value => {
  const width = wide ? 64 : 32;
  if (value?.kind === 'entry') {
    if (immr !== 0 || imms + 1 < value.size * 8 || value.shift !== 0) return null;
    // UXTB, SXTH, ... of the loaded entry.
    if (signed) return { ...value, signed: imms + 1 === value.size * 8 || value.signed };
    return value.signed ? null : value;
  }
  const operand = wide ? value : low32(value);
  if (imms >= immr) {
    const length = imms - immr + 1;
    const low = immr === 0 ? operand : down(operand, immr);
    return signed ? extend(low, length) : cut(low, length);
  }
  const length = imms + 1;
  const field = signed ? extend(operand, length) : cut(operand, length);
  return up(field, width - immr);
};

/** LSLV, LSRV, ASRV by a known amount. */
export const shiftBy = (
  value: Value,
  by: Value,
  direction: 'left' | 'right' | 'arithmetic',
  wide: boolean,
): Value => {
  // Only the low bits of the amount count, so only they have to be known.
  const amountMask = wide ? 63n : 31n;
  const bits = bitsOf(by);
  if (((bits.zeros | bits.ones) & amountMask) !== amountMask) return null;
  const amount = Number(bits.ones & amountMask);
  const operand = wide ? value : low32(value);
  if (direction === 'left') return up(operand, amount);
  if (direction === 'right') return down(operand, amount);
  const known = constantOf(operand);
  if (known === null) return null;
  return constant(BigInt.asUintN(64, BigInt.asIntN(wide ? 64 : 32, known) >> BigInt(amount)));
};

export const negate = (value: Value): Value => add(constant(0n), value, true);
export const invert = (value: Value): Value => {
  const { zeros, ones } = bitsOf(value);
  return makeBits(ones, zeros);
};
