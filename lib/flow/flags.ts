// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// NZCV of a computation, each flag if it is known.

import type { Flags, Order } from './state.js';
import { ALL, type Bits, bitsOf, constantOf, LOW, type Value } from './values.js';

/** Flags of a sum or a difference. [Arm ARM, AddWithCarry] */
export const sumFlags = (
  left: Value,
  right: Value,
  subtract: boolean,
  wide: boolean,
): Omit<Flags, 'compared'> => {
  const width = wide ? 64 : 32;
  const cut = (value: bigint) => BigInt.asUintN(width, value);
  const signed = (value: bigint) => BigInt.asIntN(width, value);
  const a = constantOf(left);
  const b = constantOf(right);
  if (a !== null && b !== null) {
    const second = subtract ? cut(~cut(b)) : cut(b);
    const total = cut(a) + second + (subtract ? 1n : 0n);
    const signedTotal = signed(cut(a)) + signed(second) + (subtract ? 1n : 0n);
    const value = cut(total);
    return {
      n: signed(value) < 0n,
      z: value === 0n,
      c: total !== value,
      v: signedTotal !== signed(value),
      order: null,
    };
  }
  if (!subtract) return { n: null, z: null, c: null, v: null, order: null };
  // A difference is not zero if a known bit differs; it has no borrow if the bounds say so.
  const x = bitsOf(left);
  const y = bitsOf(right);
  const mask = wide ? ALL : LOW;
  const differs = ((x.ones & y.zeros) | (x.zeros & y.ones)) & mask;
  const isBelow = isLess(x, y);
  const order = orderOf(isBelow, isLess(y, x), x.max < top(wide) && y.max < top(wide));
  return { n: null, z: differs !== 0n ? false : null, c: isBelow === null ? null : !isBelow, v: null, order };
};

/** By the bounds of both, without a sign. */
const isLess = (x: Bits, y: Bits): boolean | null => (x.ones >= y.max ? false : x.max < y.ones ? true : null);

/** The sign, as a bit. */
const top = (wide: boolean): bigint => (wide ? 1n << 63n : 1n << 31n);

/** `isPlain`: both are positive as signed numbers, too. */
const orderOf = (isBelow: boolean | null, isAbove: boolean | null, isPlain: boolean): Order | null =>
  isBelow === null && isAbove === null
    ? null
    : { above: isAbove, less: isPlain ? isBelow : null, greater: isPlain ? isAbove : null };

/** NZCV as one number. */
export const flagsOf = (nzcv: number): Flags => ({
  n: (nzcv & 8) !== 0,
  z: (nzcv & 4) !== 0,
  c: (nzcv & 2) !== 0,
  v: (nzcv & 1) !== 0,
  order: null,
  compared: null,
});

export const logicFlags = (value: Value, wide: boolean): Flags => {
  const { zeros, ones } = bitsOf(value);
  const mask = wide ? ALL : LOW;
  const sign = top(wide);
  return {
    n: ones & sign ? true : zeros & sign ? false : null,
    z: ones & mask ? false : (zeros & mask) === mask ? true : null,
    c: false,
    v: false,
    order: null,
    compared: null,
  };
};
