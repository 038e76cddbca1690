// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the oracle's machine knows of a register: some bits of it, or that it is
// an address. Bits are held as Kleene's three values (a mask of the known ones
// and their state), because hyp code tests single bits of words of which only
// one is known.
//
// Odd: addresses are a section and an offset, as the objects are not linked;
// nothing is known of the distance between two sections.

/** A place in the object: a section's index, or '?name' for what is defined elsewhere. */
export interface Place {
  readonly section: number | string;
  readonly offset: number;
}

export type Value =
  | { readonly kind: 'bits'; readonly known: bigint; readonly bits: bigint; readonly id: string }
  /** What ADRP gives: the page of the place. */
  | { readonly kind: 'page'; readonly place: Place; readonly id: string }
  /** A PC-relative address; `made` is where it was completed. */
  | { readonly kind: 'place'; readonly place: Place; readonly made: string; readonly id: string }
  /** An absolute kernel address, from a slot in memory. */
  | { readonly kind: 'kernel'; readonly place: Place; readonly made: string; readonly id: string }
  /** An address plus something unknown: an unknown number, but using it uses the address. */
  | { readonly kind: 'sum'; readonly place: Place; readonly made: string; readonly id: string }
  | { readonly kind: 'stack'; readonly offset: number; readonly id: string }
  /** A return address: the name of a place in the code, or 'host' for a return that is not followed. */
  | { readonly kind: 'return'; readonly to: string; readonly id: string };

export const M64 = (1n << 64n) - 1n;
export const M32 = (1n << 32n) - 1n;

export const UNKNOWN: Value = { kind: 'bits', known: 0n, bits: 0n, id: '' };
/** Unknown, but the same wherever it has this name. */
export const unknownCalled = (name: string): Value => ({ kind: 'bits', known: 0n, bits: 0n, id: `?${name}` });

/** Some bits, the others unknown. */
export const bitsOf = (known: bigint, bits: bigint): Value => {
  const mask = known & M64;
  if (mask === 0n) return UNKNOWN;
  const state = bits & mask;
  return { kind: 'bits', known: mask, bits: state, id: `${mask.toString(36)}.${state.toString(36)}` };
};

export const ZERO = bitsOf(M64, 0n);
/** A 32-bit result of which nothing is known. */
export const UNKNOWN32 = bitsOf(M64 ^ M32, 0n);

export const constant = (value: bigint | number): Value => bitsOf(M64, BigInt.asUintN(64, BigInt(value)));

const tell = ({ section, offset }: Place): string => `${section}+${offset}`;

export const pageOf = (place: Place): Value => ({ kind: 'page', place, id: `p${tell(place)}` });
export const addressOf = (place: Place, made: string): Value => ({
  kind: 'place',
  place,
  made,
  id: `a${tell(place)}~${made}`,
});
export const kernelAddress = (place: Place, made: string): Value => ({
  kind: 'kernel',
  place,
  made,
  id: `k${tell(place)}~${made}`,
});
const sumWith = ({ place, made }: { readonly place: Place; readonly made: string }): Value => ({
  kind: 'sum',
  place,
  made,
  id: `u${tell(place)}~${made}`,
});
export const stackAt = (offset: number): Value => ({ kind: 'stack', offset, id: `s${offset}` });
export const returnTo = (to: string): Value => ({ kind: 'return', to, id: `r${to}` });

export const isConstant = (value: Value): value is Value & { kind: 'bits' } =>
  value.kind === 'bits' && value.known === M64;

/** Known bits of a value; none of an address. */
export const knownOf = (value: Value): bigint => (value.kind === 'bits' ? value.known : 0n);
const stateOf = (value: Value): bigint => (value.kind === 'bits' ? value.bits : 0n);

/** The value as a W register holds it. */
export const low32 = (value: Value): Value =>
  value.kind === 'bits' ? bitsOf((value.known & M32) | (M64 ^ M32), value.bits & M32) : UNKNOWN32;

export const not = (value: Value): Value => bitsOf(knownOf(value), ~stateOf(value));

export const and = (a: Value, b: Value): Value => {
  const [ka, kb, sa, sb] = [knownOf(a), knownOf(b), stateOf(a), stateOf(b)];
  return bitsOf((ka & kb) | (ka & ~sa) | (kb & ~sb), sa & sb);
};

export const or = (a: Value, b: Value): Value => {
  const [ka, kb, sa, sb] = [knownOf(a), knownOf(b), stateOf(a), stateOf(b)];
  return bitsOf((ka & kb) | sa | sb, sa | sb);
};

export const xor = (a: Value, b: Value): Value => bitsOf(knownOf(a) & knownOf(b), stateOf(a) ^ stateOf(b));

export type Shift = 'lsl' | 'lsr' | 'asr' | 'ror';
export const SHIFTS: readonly Shift[] = ['lsl', 'lsr', 'asr', 'ror'];

/** Shifts one plain number of `width` bits. */
const shiftPlain = (value: bigint, kind: Shift, amount: number, width: number): bigint => {
  const by = BigInt(amount);
  const mask = (1n << BigInt(width)) - 1n;
  const word = value & mask;
  switch (kind) {
    case 'lsl':
      return (word << by) & mask;
    case 'lsr':
      return word >> by;
    case 'asr':
      return BigInt.asUintN(width, BigInt.asIntN(width, word) >> by);
    case 'ror':
      return ((word >> by) | (word << (BigInt(width) - by))) & mask;
  }
};

export const shift = (value: Value, kind: Shift, amount: number, width: 32 | 64): Value => {
  if (amount === 0) return width === 32 ? low32(value) : value;
  const mask = (1n << BigInt(width)) - 1n;
  const filled = shiftPlain(mask, kind === 'asr' ? 'lsr' : kind, amount, width) ^ mask;
  // An asr copies the top bit, known or not; the others bring in zeros, which are known.
  const known = shiftPlain(knownOf(value), kind, amount, width) | (kind === 'asr' ? 0n : filled);
  return bitsOf(known | (M64 ^ mask), shiftPlain(stateOf(value), kind, amount, width));
};

/** Sign- or zero-extends the low `from` bits to 64. */
export const extend = (value: Value, from: number, isSigned: boolean): Value => {
  const up = 64 - from;
  return up === 0 ? value : shift(shift(value, 'lsl', up, 64), isSigned ? 'asr' : 'lsr', up, 64);
};

/** Places a constant further on. */
const moved = (value: Value, by: bigint): Value => {
  const delta = Number(BigInt.asIntN(64, by));
  switch (value.kind) {
    case 'stack':
      return stackAt(value.offset + delta);
    case 'place':
      return addressOf({ section: value.place.section, offset: value.place.offset + delta }, value.made);
    case 'sum':
      return value;
    default:
      return UNKNOWN;
  }
};

export const add = (a: Value, b: Value, isSubtraction = false): Value => {
  const plain = (value: bigint) => (isSubtraction ? -value : value);
  if (isConstant(b) && b.bits === 0n) return a;
  if (b.kind === 'bits' && !isConstant(b) && (a.kind === 'place' || a.kind === 'sum')) return sumWith(a);
  if (a.kind === 'bits' && !isConstant(a) && (b.kind === 'place' || b.kind === 'sum') && !isSubtraction)
    return sumWith(b);
  if (a.kind !== 'bits') return isConstant(b) ? moved(a, plain(b.bits)) : UNKNOWN;
  if (b.kind !== 'bits') return isConstant(a) && !isSubtraction ? moved(b, a.bits) : UNKNOWN;
  // The low bits that both know are sure; above them a carry may come in.
  const unsure = M64 ^ (a.known & b.known);
  const lowest = unsure & -unsure;
  const sure = unsure === 0n ? M64 : lowest - 1n;
  return bitsOf(sure, a.bits + plain(b.bits));
};

/** Some of the numbers that a value can be, for what can only be computed on numbers. */
export const witnesses = (value: Value, near: readonly bigint[]): readonly bigint[] => {
  const [known, bits] = [knownOf(value), stateOf(value)];
  if (known === M64) return [bits];
  const free = M64 ^ known;
  const lowest = free & -free;
  const fit = (number: bigint) => (number & free) | bits;
  const found = [0n, M64, lowest, 1n << 63n, 1n << 31n, (1n << 31n) - 1n, (1n << 63n) - 1n];
  for (const one of near) found.push(one - 1n, one, one + 1n);
  return [...new Set(found.map((number) => fit(number & M64)))];
};
