// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Functions and what was inlined into them. The functions of a unit are indexed by
// what they cover. The tree of inlined calls of one is read when a place in it is
// first asked for, and serves all places in it.
// [DWARF5 3.3.8 "Inlined Subroutines"]

import { firstWhere } from '../elf/bisect.js';
import { ROLE_BLOCK, ROLE_CONTAINER, ROLE_FUNCTION, ROLE_INLINED } from './abbreviations.js';
import { type AddressRange, holds, type Place } from './address-space.js';
import { DW_TAG } from './constants.js';
import { allEntries, eachSibling } from './entries.js';
import { IntervalMap } from './interval-map.js';
import { rangesOf } from './ranges.js';
import { stretchesOf } from './stretches.js';
import type { Entry, Unit } from './units.js';

/** A function inlined into another, and what was inlined into it there. */
export interface InlinedCall {
  /** DW_TAG_inlined_subroutine; its DW_AT_call_* say where in the function around it. */
  readonly entry: Entry;
  readonly ranges: readonly AddressRange[];
  readonly inner: readonly InlinedCall[];
}

/** Nested blocks: no compiler accepts so many. */
const DEEPEST = 512;
/** Calls inlined into each other: compilers stop at a dozen or two. Each finding names all that are around it. */
const LONGEST_CHAIN = 32;

/** The functions of a unit with code, by what they cover. */
export const functionsOf = (unit: Unit): IntervalMap<Entry> => {
  const functions = new IntervalMap<Entry>();
  const gather = (start: number, depth: number): number =>
    eachSibling(unit, start, ROLE_FUNCTION | ROLE_CONTAINER, (entry) => {
      if (entry.tag === DW_TAG.subprogram) add(functions, entry);
      else if (entry.hasChildren && depth < DEEPEST) return gather(entry.next, depth + 1);
      return unit.afterSubtree(entry.offset);
    });
  if (unit.root.hasChildren) gather(unit.root.next, 0);
  return functions;
};

/** The same with functions inside functions (GNU C) and types, for a place that no other function holds. */
export const allFunctionsOf = (unit: Unit): IntervalMap<Entry> => {
  const functions = new IntervalMap<Entry>();
  for (const entry of allEntries(unit, ROLE_FUNCTION)) add(functions, entry);
  return functions;
};

const add = (functions: IntervalMap<Entry>, entry: Entry): void => {
  for (const range of rangesOf(entry)) functions.add(range, entry);
};

/**
 * The calls inlined into a function. Blocks are searched whether or not they say what they cover; a function inside
 * the function is not.
 */
export const inlinedCallsOf = (function_: Entry): readonly InlinedCall[] => {
  const { unit } = function_;
  /** Adds a list of children to `calls`; returns the offset after it. */
  const gather = (start: number, calls: InlinedCall[], depth: number, chain: number): number =>
    eachSibling(unit, start, ROLE_INLINED | ROLE_BLOCK, (entry) => {
      if (depth >= DEEPEST || chain >= LONGEST_CHAIN) return unit.afterSubtree(entry.offset);
      const isCall = entry.tag === DW_TAG.inlined_subroutine;
      const inner: InlinedCall[] = [];
      const behind = entry.hasChildren
        ? gather(entry.next, isCall ? inner : calls, depth + 1, isCall ? chain + 1 : chain)
        : entry.next;
      if (isCall) calls.push({ entry, ranges: coveredBy(entry, inner), inner });
      return behind;
    });
  const calls: InlinedCall[] = [];
  if (function_.hasChildren) gather(function_.next, calls, 0, 0);
  return calls;
};

/** Strict DWARF 2 has no DW_AT_ranges: a call in pieces gives one of them, and the calls inside it the others. */
const coveredBy = (entry: Entry, inner: readonly InlinedCall[]): readonly AddressRange[] => {
  const own = rangesOf(entry);
  if (inner.length === 0) return own;
  const isContained = containmentIn(own);
  const more = inner.flatMap(({ ranges }) => ranges).filter((range) => !isContained(range));
  if (more.length > 0) entry.unit.extent.section.spend(more.length);
  return more.length > 0 ? [...own, ...more] : own;
};

/** Whether one of some ranges contains another range wholly. */
const containmentIn = (ranges: readonly AddressRange[]): ((range: AddressRange) => boolean) => {
  const sorted = [...ranges].sort((a, b) => a.section - b.section || a.start - b.start);
  /** The furthest end of the ranges of a section up to and with each. */
  const reach: number[] = [];
  for (const [index, { section, end }] of sorted.entries()) {
    const before = sorted[index - 1]?.section === section ? (reach[index - 1] ?? end) : end;
    reach.push(Math.max(before, end));
  }
  return ({ section, start, end }) => {
    const isBehind = (index: number): boolean => {
      const one = sorted[index];
      return one !== undefined && (one.section > section || (one.section === section && one.start > start));
    };
    const last = firstWhere(sorted.length, isBehind) - 1;
    return sorted[last]?.section === section && (reach[last] ?? 0) >= end;
  };
};

/** Ranges of the calls of one list that are looked at one by one. */
const FEW = 64;

type FindCall = (place: Place) => InlinedCall | undefined;

/** For lists with more ranges: what finds the first call that holds a place. */
const searches = new WeakMap<readonly InlinedCall[], FindCall>();

const searchIn = (calls: readonly InlinedCall[]): FindCall => {
  const known = searches.get(calls);
  if (known) return known;
  const bySection = new Map<
    number,
    { readonly start: number; readonly end: number; readonly call: number }[]
  >();
  for (const [call, { ranges }] of calls.entries()) {
    for (const { section, start, end } of ranges) {
      const list = bySection.get(section) ?? [];
      bySection.set(section, list);
      if (start < end) list.push({ start, end, call });
    }
  }
  const found = new Map(
    [...bySection].map(([section, list]) => {
      const callOf = (index: number) => list[index]?.call ?? -1;
      const first = stretchesOf(list, (a, b) => callOf(a) < callOf(b));
      return [section, (offset: number) => calls[callOf(first(offset))]] as const;
    }),
  );
  const search: FindCall = ({ section, offset }) => found.get(section)?.(offset);
  searches.set(calls, search);
  return search;
};

const isMuch = (calls: readonly InlinedCall[]): boolean => {
  let count = 0;
  for (const { ranges } of calls) {
    count += 1 + ranges.length;
    if (count > FEW) return true;
  }
  return false;
};

/** The calls that hold a place, outermost first. */
export const callsAt = (calls: readonly InlinedCall[], place: Place): readonly InlinedCall[] => {
  const chain: InlinedCall[] = [];
  let level = calls;
  for (;;) {
    const found = isMuch(level)
      ? searchIn(level)(place)
      : level.find(({ ranges }) => ranges.some((range) => holds(range, place)));
    if (!found) return chain;
    chain.push(found);
    level = found.inner;
  }
};
