// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known before an instruction: the general registers and the condition
// flags. States are shared as long as nothing changes, which is most of the time,
// so one state per instruction costs little.

import { type Condition, type Register, ZERO } from '../aarch64/operations.js';
import { GENERAL } from '../aarch64/registers.js';
import { joinStacks, type Stack, stackAtEntry } from './stack.js';
import {
  type Address,
  type AddressSink,
  ALL,
  type Bits,
  bitsOf,
  joinValues,
  LOW,
  low32,
  makeBits,
  type Site,
  sameValue,
  sitesOf,
  smaller,
  type Value,
  weaken,
  ZERO_VALUE,
} from './values.js';

/** Each flag, if it is known; and what was compared, for bounds. */
export interface Flags {
  readonly n: boolean | null;
  readonly z: boolean | null;
  readonly c: boolean | null;
  readonly v: boolean | null;
  readonly compared: Compared | null;
}

/** The flags are those of `register` - `value`, and the register has not changed since. */
export interface Compared {
  readonly register: Register;
  readonly value: bigint;
  readonly wide: boolean;
  /** Only Z counts: a logical operation has no carry. */
  readonly isOnlyZ: boolean;
}

export interface State {
  /** x0 to x30. */
  readonly registers: readonly Value[];
  /** The registers of which something is known, as a mask. */
  readonly known: number;
  readonly flags: Flags | null;
  /** null: nothing is known of the stack. */
  readonly stack: Stack | null;
}

export const REGISTERS = 31;

export const makeState = (
  registers: readonly Value[],
  flags: Flags | null,
  stack: Stack | null = null,
): State => {
  let known = 0;
  for (let register = 0; register < REGISTERS; register++) {
    if ((registers[register] ?? null) !== null) known |= 1 << register;
  }
  return { registers, known, flags, stack };
};

/** Anywhere. */
export const nothingKnown: State = makeState(new Array<Value>(REGISTERS).fill(null), null);

/** At the entry of a procedure. */
export const unknownEntry: State = { ...nothingKnown, stack: stackAtEntry };

/** A register's value. The zero register is 0, SP is unknown. */
export const valueIn = (state: State, register: Register): Value =>
  register === ZERO ? ZERO_VALUE : (state.registers[register] ?? null);

export const withValue = (state: State, register: Register, value: Value): State => {
  if (register >= REGISTERS) return state;
  const bit = 1 << register;
  const flags = state.flags?.compared ? flagsWithout(state, register) : state.flags;
  const before = state.known & bit ? (state.registers[register] ?? null) : null;
  if (before === value || sameValue(before, value)) {
    return withFlags(state, flags);
  }
  const registers = state.registers.slice();
  registers[register] = value;
  const known = value === null ? state.known & ~bit : state.known | bit;
  return { registers, known, flags, stack: state.stack };
};

/** The flags after a register is written: a copy of the compared value may live on in another register. */
const flagsWithout = ({ registers, flags }: State, register: Register): Flags | null => {
  if (!flags?.compared || flags.compared.register !== register) return flags;
  const value = registers[register] ?? null;
  const copy = value?.kind === 'bits' && !(value.isHalf && flags.compared.wide) ? value.copy : null;
  const other = registers.findIndex(
    (one, index) => index !== register && copy !== null && one?.kind === 'bits' && one.copy === copy,
  );
  return { ...flags, compared: other < 0 ? null : { ...flags.compared, register: other } };
};

export const withFlags = (state: State, flags: Flags | null): State =>
  state.flags === flags
    ? state
    : { registers: state.registers, known: state.known, flags, stack: state.stack };

export const withStack = (state: State, stack: Stack | null): State =>
  state.stack === stack
    ? state
    : { registers: state.registers, known: state.known, flags: state.flags, stack };

/** The state with the registers of a mask unknown. */
export const without = (state: State, mask: number): State => {
  const compared = state.flags?.compared?.register;
  let lost = mask & (state.known | (compared === undefined ? 0 : 1 << compared));
  let result = state;
  for (; lost !== 0; lost &= lost - 1) result = withValue(result, 31 - Math.clz32(lost & -lost), null);
  return result;
};

/** All addresses that the registers of a mask may hold. */
export const sitesIn = (state: State, mask: number): readonly Site[] => {
  let read = mask & state.known;
  if (read === 0) return none;
  const sites: Site[] = [];
  for (; read !== 0; read &= read - 1) {
    sites.push(...sitesOf(state.registers[31 - Math.clz32(read & -read)] ?? null));
  }
  return sites;
};

const none: readonly Site[] = [];

/** After unknown instructions that may write the registers of a mask. */
export const weakenRegisters = ({ registers, known }: State, mask: number, stack: Stack | null): State => {
  let weak: Value[] | null = null;
  let left = known;
  for (let lost = known & mask; lost !== 0; lost &= lost - 1) {
    const register = 31 - Math.clz32(lost & -lost);
    weak ??= registers.slice();
    weak[register] = weaken(registers[register] ?? null);
    if (weak[register] === null) left &= ~(1 << register);
  }
  return { registers: weak ?? registers, known: left, flags: null, stack };
};

export const weakenState = (state: State): State => weakenRegisters(state, GENERAL, null);

const sameFlags = (a: Flags | null, b: Flags | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.n === b.n &&
    a.z === b.z &&
    a.c === b.c &&
    a.v === b.v &&
    a.compared?.register === b.compared?.register &&
    a.compared?.value === b.compared?.value &&
    a.compared?.wide === b.compared?.wide &&
    a.compared?.isOnlyZ === b.compared?.isOnlyZ);

export const joinFlags = (a: Flags | null, b: Flags | null): Flags | null => {
  if (sameFlags(a, b)) return a;
  if (a === null || b === null) return null;
  const both = (left: boolean | null, right: boolean | null) => (left === right ? left : null);

  return { n: both(a.n, b.n), z: both(a.z, b.z), c: both(a.c, b.c), v: both(a.v, b.v), compared: null };
};

/** What holds in both states; `a` itself if it loses nothing. */
export const joinStates = (a: State, b: State, sink: AddressSink): State => {
  if (a === b) return a;
  let registers: Value[] | null = null;
  let known = a.known;
  if (a.registers !== b.registers) {
    for (let either = a.known | b.known; either !== 0; either &= either - 1) {
      const register = 31 - Math.clz32(either & -either);
      const before = a.registers[register] ?? null;
      const joined = joinValues(before, b.registers[register] ?? null, sink);
      if (before === joined || sameValue(before, joined)) continue;
      registers ??= a.registers.slice();
      registers[register] = joined;
      known = joined === null ? known & ~(1 << register) : known | (1 << register);
    }
  }
  const flags = joinFlags(a.flags, b.flags);
  const stack = joinStacks(a.stack, b.stack);
  if (!registers && stack === a.stack && sameFlags(a.flags, flags)) return a;
  return { registers: registers ?? a.registers, known, flags, stack };
};

const not = (value: boolean | null): boolean | null => (value === null ? null : !value);

const and = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === true && b === true ? true : null;

const same = (a: boolean | null, b: boolean | null): boolean | null =>
  a === null || b === null ? null : a === b;

/** Whether a condition holds; null: not known. AL and NV always do. [Arm ARM C1.2.4] */
export const holds = (flags: Flags | null, condition: Condition): boolean | null => {
  if (condition >= 14) return true;
  if (!flags) return null;
  const { n, z, c, v } = flags;
  const positive = [z, c, n, v, and(c, not(z)), same(n, v), and(not(z), same(n, v))][condition >>> 1] ?? null;
  return condition & 1 ? not(positive) : positive;
};

const EQ = 0;
const NE = 1;
const LO = 3;
const LS = 9;

/**
 * A copy: both registers get the same mark, and what is learnt of one holds of the other. `wide`: of all 64 bits, else
 * of the low half.
 *
 *     mov  x1, x0; cbz  x1, 1f        // at 1f, x0 is 0 too
 */
export const withCopy = (state: State, to: Register, from: Register, at: Address, wide: boolean): State => {
  const value = valueIn(state, from);
  const moved = wide ? value : low32(value);
  if (from >= REGISTERS || (value !== null && value.kind !== 'bits')) return withValue(state, to, moved);
  const bits = bitsOf(value);
  if (bits.copy !== null) {
    const isMarked = wide || bits.isHalf;
    const mark = { copy: bits.copy, isHalf: bits.isHalf };
    return withValue(state, to, isMarked ? { ...bitsOf(moved), ...mark } : moved);
  }
  if (to === from) return withValue(state, to, moved);
  // A mark left over from the previous iteration of a loop has nothing to do with these two.
  const registers = state.registers.map((old) =>
    old?.kind === 'bits' && old.copy === at ? { ...old, copy: null } : old,
  );
  const mark = { copy: at, isHalf: !wide };
  registers[from] = { ...bits, ...mark };
  return withValue(makeState(registers, state.flags, state.stack), to, { ...bitsOf(moved), ...mark });
};

/** Applies what was learnt to a register and all its copies; `isLow`: it holds for the low half. */
const learn = (state: State, register: Register, isLow: boolean, known: (bits: Bits) => Value): State => {
  const value = valueIn(state, register);
  if (register >= REGISTERS || (value !== null && value.kind !== 'bits')) return state;
  const { copy, isHalf } = bitsOf(value);
  const isShared = copy !== null && (isLow || !isHalf);
  const learnt = (old: Value): Value =>
    copy === null ? known(bitsOf(old)) : { ...bitsOf(known(bitsOf(old))), copy, isHalf };
  const registers = state.registers.map((old, index) =>
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
