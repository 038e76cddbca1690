// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction that does not branch leaves in its register and the flags:
// one case for each kind of operation. Values narrower than the register, and
// addresses that are computed with, are given up or escape here.

import type { Operand, Operation } from '../aarch64/operations.js';
import { SP, ZERO } from '../aarch64/operations.js';
import type { Instruction, Patched } from '../code/instruction.js';
import { add, adjust, bitfield, invert, logic, negate, shiftBy } from './arithmetic.js';
import type { Setting } from './branch.js';
import { flagsOf, logicFlags, sumFlags } from './flags.js';
import {
  type Flags,
  holds,
  joinFlags,
  type State,
  valueIn,
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
  low32,
  MAX_ENTRIES,
  makePlaces,
  type Site,
  sitesOf,
  type Value,
} from './values.js';

/** What an instruction needs of what is around it. */
export interface Surroundings {
  /** What memory is known to hold; `at` is the instruction that loads. */
  readonly load: (address: Address, size: number, at: Address) => Value;
  /** Entry `index` of a table of constants; null where it cannot be read. */
  readonly tableEntry: (table: Address, index: number, size: number, signed: boolean) => number | null;
}

/** A relocation on an instruction that is not followed: its address is formed and gone. */
export const losePatched = ({ kind, target }: Patched, at: Address, sink: AddressSink): void => {
  const isAccess = kind === 'page-offset' || kind === 'pc-load' || kind === 'page' || kind === 'got-page';
  if (!isAccess) sink.lost({ target, at, via: null, inexact: false });
};

const PAGE = 4096;

export const compute = (
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
      const accessed = address.writeback === 'post' ? base : addTo(base, address.displacement);
      for (const site of sitesOf(accessed)) sink.used(site);
      const from = exactPlace(accessed);
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
