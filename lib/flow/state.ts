// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known before an instruction: the general registers and the condition
// flags. States are shared as long as nothing changes, which is most of the time,
// so one state per instruction costs little. Of most registers nothing is known:
// a state holds the values of the others, and a large link keeps a hundred thousand
// states.

import { type Condition, type Register, ZERO } from '../aarch64/operations.js';
import { countOf, GENERAL } from '../aarch64/registers.js';
import { joinStacks, type Stack, stackAtEntry } from './stack.js';
import {
  type Address,
  type AddressSink,
  bitsOf,
  joinValues,
  low32,
  type Site,
  sameValue,
  sitesOf,
  type Value,
  weaken,
  ZERO_VALUE,
} from './values.js';

/** Which of two numbers is larger, where their bounds tell that and no single flag: HI, and the signed LT and GT. */
export interface Order {
  readonly above: boolean | null;
  readonly less: boolean | null;
  readonly greater: boolean | null;
}

/** Each flag, if it is known; and what was compared, for bounds. */
export interface Flags {
  readonly n: boolean | null;
  readonly z: boolean | null;
  readonly c: boolean | null;
  readonly v: boolean | null;
  readonly order: Order | null;
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
  /** The registers of which something is known, as a mask of x0 to x30. */
  readonly known: number;
  /** Of each of these, by register. */
  readonly values: readonly Value[];
  readonly flags: Flags | null;
  /** null: nothing is known of the stack. */
  readonly stack: Stack | null;
}

export const REGISTERS = 31;

/** `registers`: x0 to x30. */
export const makeState = (
  registers: readonly Value[],
  flags: Flags | null,
  stack: Stack | null = null,
): State => {
  let known = 0;
  for (let register = 0; register < REGISTERS; register++) {
    if ((registers[register] ?? null) !== null) known |= 1 << register;
  }
  if (known === 0) return { known, values: noValues, flags, stack };
  // Of the right length from the start: an array that grows has room for sixteen more.
  const values = new Array<Value>(countOf(known));
  let index = 0;
  for (let rest = known; rest !== 0; rest &= rest - 1)
    values[index++] = registers[31 - Math.clz32(rest & -rest)] ?? null;
  return { known, values, flags, stack };
};

const noValues: readonly Value[] = [];

/** x0 to x30, to be changed. */
export const registersOf = ({ known, values }: State): Value[] => {
  const registers = new Array<Value>(REGISTERS).fill(null);
  let index = 0;
  for (let rest = known; rest !== 0; rest &= rest - 1)
    registers[31 - Math.clz32(rest & -rest)] = values[index++] ?? null;
  return registers;
};

/** Anywhere. */
export const nothingKnown: State = makeState(new Array<Value>(REGISTERS).fill(null), null);

/** At the entry of a procedure. */
export const unknownEntry: State = { ...nothingKnown, stack: stackAtEntry };

/** A register's value. The zero register is 0, SP is unknown. */
export const valueIn = (state: State, register: Register): Value => {
  if (register >= REGISTERS) return register === ZERO ? ZERO_VALUE : null;
  const bit = 1 << register;
  return state.known & bit ? (state.values[countOf(state.known & (bit - 1))] ?? null) : null;
};

export const withValue = (state: State, register: Register, value: Value): State => {
  if (register >= REGISTERS) return state;
  const flags = state.flags?.compared ? flagsWithout(state, register) : state.flags;
  const before = valueIn(state, register);
  if (before === value || sameValue(before, value)) return withFlags(state, flags);
  const bit = 1 << register;
  const known = value === null ? state.known & ~bit : state.known | bit;
  return { known, values: replaced(state, register, value), flags, stack: state.stack };
};

/** The values with one that changes, is new or is gone (null). */
const replaced = ({ known, values }: State, register: Register, value: Value): readonly Value[] => {
  const bit = 1 << register;
  const at = countOf(known & (bit - 1));
  if (value !== null && known & bit) {
    const copy = values.slice();
    copy[at] = value;
    return copy;
  }
  if (value === null && values.length === 1) return noValues;
  const step = value === null ? -1 : 1;
  const copy = new Array<Value>(values.length + step);
  for (let index = 0; index < at; index++) copy[index] = values[index] as Value;
  if (value !== null) copy[at] = value;
  for (let index = value === null ? at + 1 : at; index < values.length; index++)
    copy[index + step] = values[index] as Value;
  return copy;
};

/** The flags after a register is written: a copy of the compared value may live on in another register. */
const flagsWithout = (state: State, register: Register): Flags | null => {
  const { flags } = state;
  if (!flags?.compared || flags.compared.register !== register) return flags;
  const value = valueIn(state, register);
  const copy = value?.kind === 'bits' && !(value.isHalf && flags.compared.wide) ? value.copy : null;
  const other = registersOf(state).findIndex(
    (one, index) => index !== register && copy !== null && one?.kind === 'bits' && one.copy === copy,
  );
  return { ...flags, compared: other < 0 ? null : { ...flags.compared, register: other } };
};

export const withFlags = (state: State, flags: Flags | null): State =>
  state.flags === flags ? state : { known: state.known, values: state.values, flags, stack: state.stack };

export const withStack = (state: State, stack: Stack | null): State =>
  state.stack === stack ? state : { known: state.known, values: state.values, flags: state.flags, stack };

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
    sites.push(...sitesOf(valueIn(state, 31 - Math.clz32(read & -read))));
  }
  return sites;
};

const none: readonly Site[] = [];

/** After unknown instructions that may write the registers of a mask. */
export const weakenRegisters = (state: State, mask: number, stack: Stack | null): State => {
  const weakened = state.known & mask;
  if (weakened === 0) return { known: state.known, values: state.values, flags: null, stack };
  const registers = registersOf(state);
  for (let rest = weakened; rest !== 0; rest &= rest - 1) {
    const register = 31 - Math.clz32(rest & -rest);
    registers[register] = weaken(registers[register] ?? null);
  }
  return makeState(registers, null, stack);
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
    a.order?.above === b.order?.above &&
    a.order?.less === b.order?.less &&
    a.order?.greater === b.order?.greater &&
    a.compared?.register === b.compared?.register &&
    a.compared?.value === b.compared?.value &&
    a.compared?.wide === b.compared?.wide &&
    a.compared?.isOnlyZ === b.compared?.isOnlyZ);

export const joinFlags = (a: Flags | null, b: Flags | null): Flags | null => {
  if (sameFlags(a, b)) return a;
  if (a === null || b === null) return null;
  const both = (left: boolean | null, right: boolean | null) => (left === right ? left : null);
  const order = a.order &&
    b.order && {
      above: both(a.order.above, b.order.above),
      less: both(a.order.less, b.order.less),
      greater: both(a.order.greater, b.order.greater),
    };
  return {
    n: both(a.n, b.n),
    z: both(a.z, b.z),
    c: both(a.c, b.c),
    v: both(a.v, b.v),
    order,
    compared: null,
  };
};

/** What holds in both states; `a` itself if it loses nothing. */
export const joinStates = (a: State, b: State, sink: AddressSink): State => {
  if (a === b) return a;
  let registers: Value[] | null = null;
  if (a.values !== b.values || a.known !== b.known) {
    for (let either = a.known | b.known; either !== 0; either &= either - 1) {
      const register = 31 - Math.clz32(either & -either);
      const before = valueIn(a, register);
      const joined = joinValues(before, valueIn(b, register), sink);
      if (before === joined || sameValue(before, joined)) continue;
      registers ??= registersOf(a);
      registers[register] = joined;
    }
  }
  const flags = joinFlags(a.flags, b.flags);
  const stack = joinStacks(a.stack, b.stack);
  if (registers) return makeState(registers, flags, stack);
  if (stack === a.stack && sameFlags(a.flags, flags)) return a;
  return { known: a.known, values: a.values, flags, stack };
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
  const { n, z, c, v, order } = flags;
  const above = and(c, not(z)) ?? order?.above ?? null;
  const notLess = same(n, v) ?? not(order?.less ?? null);
  const greater = and(not(z), same(n, v)) ?? order?.greater ?? null;
  const positive = [z, c, n, v, above, notLess, greater][condition >>> 1] ?? null;
  return condition & 1 ? not(positive) : positive;
};

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
  const registers = registersOf(state).map((old) =>
    old?.kind === 'bits' && old.copy === at ? { ...old, copy: null } : old,
  );
  const mark = { copy: at, isHalf: !wide };
  registers[from] = { ...bits, ...mark };
  return withValue(makeState(registers, state.flags, state.stack), to, { ...bitsOf(moved), ...mark });
};
