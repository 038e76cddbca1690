// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction other than a branch leaves in its register and the flags:
// one case per kind of operation. Values narrower than the register become
// unknown here, and addresses that take part in other arithmetic escape.

import type { Operand, Operation } from '../aarch64/operations.js';
import { SP, ZERO } from '../aarch64/operations.js';
import { REACH } from '../code/address-space.js';
import type { Instruction } from '../code/instruction.js';
import { add, adjust, bitfield, invert, logic, negate, shiftBy } from './arithmetic.js';
import type { Setting } from './branch.js';
import { flagsOf, logicFlags, sumFlags } from './flags.js';
import { exactPlace, executeLoad, isPageOf, losePatched, type Surroundings } from './load.js';
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
  constant,
  constantOf,
  joinValues,
  low32,
  makePlaces,
  pageOf,
  type Site,
  sitesOf,
  type Value,
} from './values.js';

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
  /** The result in its register, cut to the operation's width and marked with the patch that it came from. */
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
  /** The register operand as it is, for addresses that adjusting would lose. */
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
      if (patched?.kind === 'page') return result(pageOf(patched.target));
      if (patched?.kind === 'pc-address') return result(makePlaces([site(patched.target)], false));
      if (patched) losePatched(patched, at, sink);
      if (patched || operation.page) return result(null);
      return result(makePlaces([site(at + operation.displacement)], false));
    }
    case 'sum': {
      const left = valueIn(state, operation.left);
      if (patched) {
        // ADD of the low 12 bits. With the wrong page it is still an address that must not be lost.
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

/** A base plus an entry of a table of offsets: the arms of a switch. */
const armsOf = (base: Value, entry: Value, at: Address, around: Surroundings): Value => {
  const from = exactPlace(base);
  if (from === null || entry?.kind !== 'entry') return null;
  const sites: Site[] = [];
  for (let index = 0; index < entry.count; index++) {
    const distance = around.tableEntry(entry.table, index, entry.size, entry.signed);
    const target = distance === null ? Number.NaN : from + distance * 2 ** entry.shift;
    // Only a relocation makes a distance to another section, and only in bytes; a number of 32 bits does not reach one.
    if (!Number.isSafeInteger(target)) return null;
    if (entry.shift > 0 && Math.abs(target - from) >= REACH) return null;
    sites.push({ target, at, via: null, inexact: false });
  }
  return makePlaces(sites, false);
};
