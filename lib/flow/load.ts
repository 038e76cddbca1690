// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The result of a load into one general register: a variable that tells of
// capabilities, a literal, an entry of a table; and what becomes of the
// addresses that take part in it.

import type { Operation } from '../aarch64/operations.js';
import type { Instruction, Patched } from '../code/instruction.js';
import { add, adjust } from './arithmetic.js';
import { stackedAt } from './stack.js';
import { type State, valueIn, withValue } from './state.js';
import {
  type Address,
  type AddressSink,
  bitsOf,
  constant,
  constantOf,
  MAX_ENTRIES,
  makePlaces,
  sitesOf,
  type Value,
} from './values.js';

/** What interpreting an instruction needs to know of memory. */
export interface Surroundings {
  /** The known contents of memory; `at` is the instruction that loads. */
  readonly load: (address: Address, size: number, at: Address) => Value;
  /** Entry `index` of a table of constants; null if it cannot be read. */
  readonly tableEntry: (table: Address, index: number, size: number, signed: boolean) => number | null;
  /** All that a pointer out of a table of labels can be; null if the address is not in one. */
  readonly labelsAround: (table: Address) => readonly Address[] | null;
}

/** The address of a relocation on an instruction that is not followed: it is formed and escapes. */
export const losePatched = ({ kind, target }: Patched, at: Address, sink: AddressSink): void => {
  const isAccess = kind === 'page-offset' || kind === 'pc-load' || kind === 'page' || kind === 'got-page';
  if (!isAccess) sink.lost({ target, at, via: null, inexact: false });
};

const PAGE = 4096;

export const isPageOf = (value: Value, target: Address): boolean =>
  value?.kind === 'page' && Math.abs(value.of - target) < PAGE;

type Load = Extract<Operation, { kind: 'load' }>;

export const executeLoad = (
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
      const offset = address.writeback === 'post' ? 0 : address.displacement;
      const stacked = extended(stackedAt(state.stack, address.base, offset, size));
      const done = result(from === null ? stacked : loaded(from));
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
      const labels = size === 8 && scale === 8 ? around.labelsAround(table) : null;
      if (labels)
        return result(
          makePlaces(
            labels.map((target) => ({ target, at, via: null, inexact: false })),
            false,
          ),
        );
      if (size === 8 || scale !== size || max >= BigInt(MAX_ENTRIES)) return result(null);
      return result({ kind: 'entry', table, count: Number(max) + 1, size, signed, shift: 0 });
    }
    default:
      return address satisfies never;
  }
};

/** The only address that a value can be, or null. */
export const exactPlace = (value: Value): Address | null => {
  if (value?.kind !== 'places' || value.others) return null;
  const targets = new Set(value.sites.map((site) => (site.inexact ? null : site.target)));
  const [only] = targets;
  return targets.size === 1 && only !== undefined ? only : null;
};

const addTo = (value: Value, displacement: number): Value =>
  displacement === 0 ? value : add(value, constant(BigInt.asUintN(64, BigInt(displacement))), false);
