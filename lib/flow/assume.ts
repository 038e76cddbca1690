// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a branch tells of the registers that it tested, on either way.

import { type Condition, EQ, LO, LS, NE, type Register } from '../aarch64/operations.js';
import { makeState, REGISTERS, registersOf, type State, valueIn } from './state.js';
import { ALL, type Bits, bitsOf, LOW, makeBits, smaller, type Value } from './values.js';

/** Applies what was learnt to a register and all its copies; `isLow`: it holds for the low half. */
const learn = (state: State, register: Register, isLow: boolean, known: (bits: Bits) => Value): State => {
  const value = valueIn(state, register);
  if (register >= REGISTERS || (value !== null && value.kind !== 'bits')) return state;
  const { copy, isHalf } = bitsOf(value);
  const isShared = copy !== null && (isLow || !isHalf);
  const learnt = (old: Value): Value =>
    copy === null ? known(bitsOf(old)) : { ...bitsOf(known(bitsOf(old))), copy, isHalf };
  const registers = registersOf(state).map((old, index) =>
    index === register || (isShared && old?.kind === 'bits' && old.copy === copy) ? learnt(old) : old,
  );
  return makeState(registers, state.flags, state.stack);
};

/** The state in which a condition holds: the compared register equals a number, differs from it, or is bounded. */
export const assume = (state: State, condition: Condition): State => {
  const compared = state.flags?.compared;
  if (!compared || condition >= 14) return state;
  const { register, value, wide, isOnlyZ } = compared;
  if (condition === EQ) return assumeEqual(state, register, value, wide);
  if (condition === NE) return assumeOther(state, register, value, wide);
  const bound = condition === LS ? value : condition === LO ? value - 1n : null;
  if (isOnlyZ || bound === null || bound < 0n) return state;
  return learn(state, register, !wide, ({ zeros, ones, max, lowMax }) =>
    wide
      ? makeBits(zeros, ones, smaller(max, bound), lowMax)
      : makeBits(zeros, ones, max, smaller(lowMax, bound)),
  );
};

const withBits = (bits: Bits, value: bigint, mask: bigint): Value =>
  (bits.zeros & value & mask) | (bits.ones & ~value & mask)
    ? bits
    : makeBits(bits.zeros | (~value & mask), bits.ones | (value & mask), bits.max, bits.lowMax);

/** The state in which a register, or (not `wide`) its low half, equals a number. */
const assumeEqual = (state: State, register: Register, value: bigint, wide: boolean): State =>
  learn(state, register, !wide, (bits) => withBits(bits, value, wide ? ALL : LOW));

/** The state in which it does not equal a number. If only one bit is unknown, that bit becomes known. */
export const assumeOther = (state: State, register: Register, value: bigint, wide: boolean): State =>
  learn(state, register, !wide, (bits) => {
    const mask = wide ? ALL : LOW;
    const open = ~(bits.zeros | bits.ones) & mask;
    const first = bits.ones & mask;
    if (open === 0n || (open & (open - 1n)) !== 0n || (value | open) !== (first | open)) return bits;
    return withBits(bits, value ^ open, mask);
  });

/** The state in which the bits of a mask are zero. */
export const assumeZero = (state: State, register: Register, mask: bigint): State =>
  learn(state, register, (mask & LOW) === mask, (bits) =>
    bits.ones & mask
      ? bits
      : makeBits(bits.zeros | mask, bits.ones, bits.max, (mask & LOW) === LOW ? 0n : bits.lowMax),
  );
