// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One instruction, executed on what is known: where control goes and what is
// known there. An instruction that is not understood makes what it writes
// unknown, and every address that it reads counts as used.

import { type Branch, decodeTest, indirectRegister, writesVbarEl2 } from '../aarch64/instructions.js';
import { type Operand, type Operation, SP, ZERO } from '../aarch64/operations.js';
import { add, adjust, bitfield, invert, logic, negate, shiftBy } from './arithmetic.js';
import type { Instruction, Patched } from './instruction.js';
import { conventionalSummary } from './register-summary.js';
import {
  assume,
  assumeOther,
  assumeZero,
  type Flags,
  holds,
  joinFlags,
  nothingKnown,
  type State,
  sitesIn,
  valueIn,
  weakenRegisters,
  withCopy,
  withFlags,
  without,
  withValue,
} from './state.js';
import {
  type Address,
  type AddressSink,
  ALL,
  bitsOf,
  constant,
  constantOf,
  joinValues,
  LOW,
  low32,
  MAX_ENTRIES,
  makePlaces,
  type Site,
  sitesOf,
  type Value,
} from './values.js';

/** Where control may go. */
export type Transfer =
  /** To an instruction: on, or by a branch. */
  | { readonly kind: 'go'; readonly to: Address; readonly state: State }
  /** To a function, and back behind the instruction; `to` null: a function that nobody can name. */
  | { readonly kind: 'call'; readonly to: Address | null; readonly state: State }
  /** Through a register that may hold anything. */
  | { readonly kind: 'anywhere'; readonly state: State }
  | { readonly kind: 'return'; readonly state: State }
  /** ERET: into the host or a guest, and maybe back to the caller by the way of the vectors. */
  | { readonly kind: 'leave'; readonly state: State };

/** What an instruction needs of what is around it. */
export interface Surroundings {
  /** What memory is known to hold; `at` is the instruction that loads. */
  readonly load: (address: Address, size: number, at: Address) => Value;
  /** Entry `index` of a table of constants; null where it cannot be read. */
  readonly tableEntry: (table: Address, index: number, size: number, signed: boolean) => number | null;
}

/** Where an instruction is executed: elsewhere than it stands, for replacement code. */
export interface Setting {
  readonly pc: Address;
  /** Where a branch of replacement code goes; null: where it says. */
  readonly moved: ((target: Address) => Address) | null;
  /** The place whose patching put it there, or null. */
  readonly via: Address | null;
}

/** x8 has the place for a large result, which is no code. [AAPCS64 "Parameter passing"] */
const RESULT_PLACE = 0x100;

export const execute = (
  instruction: Instruction,
  setting: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): readonly Transfer[] => {
  const { branch, operation } = instruction;
  if (branch) return executeBranch(instruction, branch, setting, state, sink);
  const after = operation
    ? compute(operation, instruction, setting, state, around, sink)
    : executeOther(instruction, state, sink);
  return [{ kind: 'go', to: setting.pc + 4, state: after }];
};

const executeBranch = (
  instruction: Instruction,
  branch: Branch,
  { pc, moved }: Setting,
  state: State,
  sink: AddressSink,
): readonly Transfer[] => {
  const { word, at, patched } = instruction;
  const next = pc + 4;
  const target = (): Address => {
    if (patched && (patched.kind === 'call' || patched.kind === 'jump')) return patched.target;
    const to = at + (branch.displacement ?? 0);
    return moved ? moved(to) : to;
  };
  switch (branch.kind) {
    case 'jump':
      return [{ kind: 'go', to: target(), state }];
    case 'conditional':
      return decide(instruction, target(), next, state, sink);
    case 'call':
      return [{ kind: 'call', to: target(), state }];
    case 'indirect-jump':
    case 'indirect-call': {
      const value = valueIn(state, indirectRegister(word));
      const sites = sitesOf(value);
      const exact = sites.filter((site) => !site.inexact);
      for (const site of sites) {
        if (site.inexact) sink.lost(site, 'target');
        else sink.used(site);
      }
      const isKnown = value?.kind === 'places' && !value.others && exact.length === sites.length;
      if (branch.kind === 'indirect-jump') {
        // The register then holds where we are, which nobody uses twice.
        const after = withValue(state, indirectRegister(word), null);
        const gone = exact.map((site): Transfer => ({ kind: 'go', to: site.target, state: after }));
        return isKnown ? gone : [...gone, { kind: 'anywhere', state }];
      }
      const calls = exact.map((site): Transfer => ({ kind: 'call', to: site.target, state }));
      return isKnown ? calls : [...calls, { kind: 'call', to: null, state }];
    }
    case 'return':
      for (const site of sitesOf(valueIn(state, indirectRegister(word)))) sink.lost(site);
      return [{ kind: 'return', state }];
    case 'exception-return':
      // Into the host or a guest, whose registers were loaded.
      loseArguments(state, conventionalSummary.reads, sink);
      return [{ kind: 'leave', state: nothingKnown }];
    case 'breakpoint':
      // What a handler does with BRK is the host's affair: WARN comes back.
      return [{ kind: 'go', to: next, state }];
    case 'trap':
      return [];
    default:
      return branch.kind satisfies never;
  }
};

/** A conditional branch: both ways, or the one that what is known leaves. */
const decide = (
  instruction: Instruction,
  target: Address,
  next: Address,
  state: State,
  sink: AddressSink,
): readonly Transfer[] => {
  const go = (to: Address, known: State): Transfer => ({ kind: 'go', to, state: known });
  const test = decodeTest(instruction.word);
  if (!test) {
    for (const site of sitesIn(state, instruction.reads)) sink.lost(site);
    return [go(target, state), go(next, state)];
  }
  switch (test.kind) {
    case 'flags': {
      const taken = holds(state.flags, test.condition);
      const inverse = test.condition ^ 1;
      return [
        ...(taken === false ? [] : [go(target, assume(state, test.condition))]),
        ...(taken === true ? [] : [go(next, assume(state, inverse))]),
      ];
    }
    case 'zero':
    case 'bit': {
      const mask = test.kind === 'bit' ? 1n << BigInt(test.bit) : test.wide ? ALL : LOW;
      const value = valueIn(state, test.register);
      for (const site of sitesOf(value)) sink.used(site);
      const bits = bitsOf(value);
      const isZero = bits.ones & mask ? false : (bits.zeros & mask) === mask ? true : null;
      const zero = assumeZero(state, test.register, mask);
      const other = test.kind === 'zero' ? assumeOther(state, test.register, 0n, test.wide) : state;
      const taken = isZero === null ? null : isZero !== test.negate;
      return [
        ...(taken === false ? [] : [go(target, test.negate ? other : zero)]),
        ...(taken === true ? [] : [go(next, test.negate ? zero : other)]),
      ];
    }
    default:
      return test satisfies never;
  }
};

/** An instruction without a meaning here: it reads, it writes. */
const executeOther = (instruction: Instruction, state: State, sink: AddressSink): State => {
  if (instruction.patched) losePatched(instruction.patched, instruction.at, sink);
  if (state.known === 0 && state.flags === null) return state;
  const isVectors = writesVbarEl2(instruction.word);
  for (const site of sitesIn(state, instruction.reads)) sink.lost(site, isVectors ? 'vectors' : 'data');
  const after = without(state, instruction.writes);
  return instruction.keepsFlags ? after : withFlags(after, null);
};

/** A relocation on an instruction that is not followed: its address is formed and gone. */
const losePatched = ({ kind, target }: Patched, at: Address, sink: AddressSink): void => {
  const isAccess = kind === 'page-offset' || kind === 'pc-load' || kind === 'page' || kind === 'got-page';
  if (!isAccess) sink.lost({ target, at, via: null, inexact: false });
};

const PAGE = 4096;

const compute = (
  operation: Operation,
  instruction: Instruction,
  { via }: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): State => {
  const { at, patched } = instruction;
  const use = (...values: readonly Value[]): void => {
    for (const value of values) for (const site of sitesOf(value)) sink.used(site);
  };
  const lose = (...values: readonly Value[]): void => {
    for (const value of values) for (const site of sitesOf(value)) sink.lost(site);
  };
  const site = (target: Address): Site => ({ target, at, via, inexact: false });
  const { to, wide } = operation;
  /** The result in its register, cut to its width, and marked with the patch that put it there. */
  const result = (value: Value, flags: Flags | null | undefined = undefined): State => {
    if (!wide || to === SP) lose(value);
    const cut = wide ? value : low32(value);
    const marked =
      via !== null && cut?.kind === 'places'
        ? makePlaces(
            cut.sites.map((one) => ({ ...one, via })),
            cut.others,
          )
        : cut;
    const after = withValue(state, to, marked);
    return flags === undefined ? after : withFlags(after, flags);
  };
  const operand = (right: Operand): Value =>
    right.kind === 'constant'
      ? constant(right.value)
      : adjust(valueIn(state, right.register), right.adjustment, wide);
  /** The register operand's own value, where adjusting it would lose an address. */
  const raw = (right: Operand): Value => (right.kind === 'constant' ? null : valueIn(state, right.register));

  switch (operation.kind) {
    case 'constant':
    case 'insert': {
      if (patched) losePatched(patched, at, sink);
      if (patched) return result(null);
      if (operation.kind === 'constant') return result(constant(operation.value));
      const before = valueIn(state, to);
      lose(before);
      const mask = 0xffffn << BigInt(operation.shift);
      const kept = logic('and', before, constant(ALL ^ mask), false);
      return result(logic('or', kept, constant(operation.value << BigInt(operation.shift)), false));
    }
    case 'address': {
      if (patched?.kind === 'page') return result({ kind: 'page', of: patched.target });
      if (patched?.kind === 'pc-address') return result(makePlaces([site(patched.target)], false));
      if (patched) losePatched(patched, at, sink);
      if (patched || operation.page) return result(null);
      return result(makePlaces([site(at + operation.displacement)], false));
    }
    case 'sum': {
      const left = valueIn(state, operation.left);
      if (patched) {
        // ADD of the low 12 bits. On the wrong page it is still no address that may be lost.
        if (patched.kind !== 'page-offset') losePatched(patched, at, sink);
        return result(makePlaces([site(patched.target)], !isPageOf(left, patched.target)));
      }
      const right = operand(operation.right);
      if (right?.kind !== 'places') lose(raw(operation.right));
      if (!wide) lose(left, right);
      const a = wide ? left : low32(left);
      const b = wide ? right : low32(right);
      const arms =
        wide && !operation.subtract ? (armsOf(a, b, at, around) ?? armsOf(b, a, at, around)) : null;
      const value = arms ?? add(a, b, operation.subtract);
      if (operation.to === ZERO) use(left, right);
      else if (value?.kind !== 'places') lose(left, right);
      else if (!arms && a?.kind === 'places') lose(b);
      if (!operation.setsFlags) return result(value);
      const compared = constantOf(b);
      const keeps = operation.subtract && compared !== null && operation.left < 31 && operation.left !== to;
      const flags = sumFlags(a, b, operation.subtract, wide);
      return result(value, {
        ...flags,
        compared:
          keeps && compared !== null
            ? { register: operation.left, value: compared, wide, isOnlyZ: false }
            : null,
      });
    }
    case 'logic': {
      const left = valueIn(state, operation.left);
      const { right } = operation;
      const isMove =
        operation.operator === 'or' &&
        operation.left === 31 &&
        !operation.invert &&
        right.kind === 'register' &&
        right.adjustment.kind === 'lsl' &&
        right.adjustment.amount === 0;
      if (isMove) {
        const value = valueIn(state, right.register);
        const isCopy = via === null && right.register !== ZERO && (wide || value?.kind !== 'places');
        return isCopy ? withCopy(state, to, right.register, at, wide) : result(value);
      }
      lose(left, raw(right));
      const a = wide ? left : low32(left);
      const b = wide ? operand(right) : low32(operand(right));
      const value = logic(operation.operator, a, b, operation.invert);
      const cut = wide ? value : low32(value);
      if (!operation.setsFlags) return result(cut);
      const compared = to === ZERO ? null : { register: to, value: 0n, wide, isOnlyZ: true };
      return result(cut, { ...logicFlags(cut, wide), compared });
    }
    case 'bitfield': {
      const from = valueIn(state, operation.from);
      lose(from);
      return result(bitfield(from, operation.signed, operation.immr, operation.imms, wide));
    }
    case 'shift': {
      const left = valueIn(state, operation.left);
      const by = valueIn(state, operation.by);
      lose(left, by);
      return result(shiftBy(left, by, operation.direction, wide));
    }
    case 'select': {
      const whenTrue = valueIn(state, operation.whenTrue);
      const other = valueIn(state, operation.whenFalse);
      if (operation.change !== 'none') lose(other);
      const whenFalse = {
        none: (value: Value) => value,
        increment: (value: Value) => add(value, constant(1n), false),
        invert,
        negate,
      }[operation.change](wide ? other : low32(other));
      const taken = holds(state.flags, operation.condition);
      if (taken !== null) return result(taken ? whenTrue : whenFalse);
      const first = wide ? whenTrue : low32(whenTrue);
      const second = wide ? whenFalse : low32(whenFalse);
      if (!wide) lose(whenTrue, other);
      return result(joinValues(first, second, sink));
    }
    case 'compare': {
      const left = valueIn(state, operation.left);
      const right = operand(operation.right);
      use(left, right);
      const [a, b] = wide ? [left, right] : [low32(left), low32(right)];
      const compared = { ...sumFlags(a, b, operation.subtract, wide), compared: null };
      const taken = holds(state.flags, operation.condition);
      if (taken === true) return withFlags(state, compared);
      const otherwise = flagsOf(operation.otherwise);
      return withFlags(state, taken === false ? otherwise : joinFlags(compared, otherwise));
    }
    case 'load':
      return executeLoad(operation, instruction, state, around, sink, result);
    default:
      operation satisfies never;
      return without(state, instruction.writes);
  }
};

const isPageOf = (value: Value, target: Address): boolean =>
  value?.kind === 'page' && Math.abs(value.of - target) < PAGE;

type Load = Extract<Operation, { kind: 'load' }>;

const executeLoad = (
  { address, size, signed, to }: Load,
  { at, patched }: Instruction,
  state: State,
  around: Surroundings,
  sink: AddressSink,
  result: (value: Value) => State,
): State => {
  const extended = (value: Value): Value =>
    signed && size < 8
      ? adjust(value, { kind: size === 1 ? 'sxtb' : size === 2 ? 'sxth' : 'sxtw', amount: 0 }, true)
      : value;
  const loaded = (from: Address): Value => {
    const value = around.load(from, size, at);
    return value?.kind === 'places' ? value : extended(value);
  };
  const slot = (target: Address): Value => makePlaces([{ target, at, via: null, inexact: false }], false);
  switch (address.kind) {
    case 'literal':
      if (patched?.kind === 'got-pc-load') return result(slot(patched.target));
      return result(loaded(patched ? patched.target : at + address.displacement));
    case 'base': {
      const base = valueIn(state, address.base);
      for (const site of sitesOf(base)) sink.used(site);
      if (patched?.kind === 'got-load') return result(slot(patched.target));
      if (patched) {
        if (patched.kind !== 'page-offset') losePatched(patched, at, sink);
        return result(isPageOf(base, patched.target) ? loaded(patched.target) : null);
      }
      const after =
        address.writeback === 'none'
          ? base
          : add(base, constant(BigInt.asUintN(64, BigInt(address.displacement))), false);
      const from = exactPlace(address.writeback === 'post' ? base : addTo(base, address.displacement));
      const done = result(from === null ? null : loaded(from));
      return address.writeback === 'none' || address.base === to
        ? done
        : withValue(done, address.base, after);
    }
    case 'indexed': {
      const base = valueIn(state, address.base);
      const index = valueIn(state, address.index);
      for (const site of sitesOf(base)) sink.used(site);
      for (const site of sitesOf(index)) sink.lost(site);
      const table = exactPlace(base);
      if (table === null) return result(null);
      const plain = adjust(index, { ...address.adjustment, amount: 0 }, true);
      const scale = 1 << address.adjustment.amount;
      const known = constantOf(plain);
      if (known !== null) return result(loaded(table + Number(BigInt.asIntN(64, known)) * scale));
      const { max } = bitsOf(plain);
      if (size === 8 || scale !== size || max >= BigInt(MAX_ENTRIES)) return result(null);
      return result({ kind: 'entry', table, count: Number(max) + 1, size, signed, shift: 0 });
    }
    default:
      return address satisfies never;
  }
};

/** The one address that a value is, or null. */
const exactPlace = (value: Value): Address | null => {
  if (value?.kind !== 'places' || value.others) return null;
  const targets = new Set(value.sites.map((site) => (site.inexact ? null : site.target)));
  const [only] = targets;
  return targets.size === 1 && only !== undefined ? only : null;
};

const addTo = (value: Value, displacement: number): Value =>
  displacement === 0 ? value : add(value, constant(BigInt.asUintN(64, BigInt(displacement))), false);

/** A base and an entry of a table of distances: the arms of a switch. */
const armsOf = (base: Value, entry: Value, at: Address, around: Surroundings): Value => {
  const from = exactPlace(base);
  if (from === null || entry?.kind !== 'entry') return null;
  const sites: Site[] = [];
  for (let index = 0; index < entry.count; index++) {
    const distance = around.tableEntry(entry.table, index, entry.size, entry.signed);
    if (distance === null) return null;
    sites.push({ target: from + distance * 2 ** entry.shift, at, via: null, inexact: false });
  }
  return makePlaces(sites, false);
};

/** Flags of a sum or a difference. [Arm ARM, AddWithCarry] */
const sumFlags = (left: Value, right: Value, subtract: boolean, wide: boolean): Omit<Flags, 'compared'> => {
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
    };
  }
  if (!subtract) return { n: null, z: null, c: null, v: null };
  // A difference is no zero where a known bit differs; and it has no borrow where the bounds say so.
  const x = bitsOf(left);
  const y = bitsOf(right);
  const mask = wide ? ALL : LOW;
  const differs = ((x.ones & y.zeros) | (x.zeros & y.ones)) & mask;
  const noBorrow = x.ones >= y.max ? true : x.max < y.ones ? false : null;
  return { n: null, z: differs !== 0n ? false : null, c: noBorrow, v: null };
};

/** NZCV as one number. */
const flagsOf = (nzcv: number): Flags => ({
  n: (nzcv & 8) !== 0,
  z: (nzcv & 4) !== 0,
  c: (nzcv & 2) !== 0,
  v: (nzcv & 1) !== 0,
  compared: null,
});

const logicFlags = (value: Value, wide: boolean): Flags => {
  const { zeros, ones } = bitsOf(value);
  const mask = wide ? ALL : LOW;
  const top = wide ? 1n << 63n : 1n << 31n;
  return {
    n: ones & top ? true : zeros & top ? false : null,
    z: ones & mask ? false : (zeros & mask) === mask ? true : null,
    c: false,
    v: false,
    compared: null,
  };
};

/**
 * Instructions that a callback of the host writes: they may read what the old ones read, and write the registers of a
 * mask. An address stays possible, as it may not be overwritten at all.
 */
export const executeUnread = (
  { reads }: Instruction,
  writes: number,
  state: State,
  sink: AddressSink,
): State => {
  for (const site of sitesIn(state, reads)) sink.lost(site);
  return weakenRegisters(state, writes);
};

/** A function that is not followed has what it reads: its arguments, as a mask; x8 is where a large result goes. */
export const loseArguments = (state: State, reads: number, sink: AddressSink): void => {
  for (const site of sitesIn(state, reads & ~RESULT_PLACE)) sink.lost(site);
  for (const site of sitesIn(state, reads & RESULT_PLACE)) sink.used(site);
};
