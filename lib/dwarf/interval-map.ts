// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Finds the unit, function or line sequence of a place: ranges with a value each,
// sorted when first asked for. Ranges may overlap; the shortest that holds the
// place wins, as in addr2line.

import { firstWhere } from '../elf/bisect.js';
import type { AddressRange, Place } from './address-space.js';
import { stretchesOf } from './stretches.js';

/** Ranges that are looked at one by one before all are taken apart. */
const FEW = 64;

interface Interval<Value> {
  readonly start: number;
  readonly end: number;
  readonly value: Value;
}

interface SectionIntervals<Value> {
  readonly intervals: Interval<Value>[];
  /** The largest end of all intervals up to and including each one; as long as `intervals` once those are sorted. */
  readonly reach: number[];
  /** Index of the shortest that holds an offset; made where there are many to look at. */
  shortest: ((offset: number) => number) | null;
}

export class IntervalMap<Value> {
  readonly #sections = new Map<number, SectionIntervals<Value>>();

  /** Empty and reversed ranges are ignored. */
  add(range: AddressRange, value: Value): void {
    if (!(range.start < range.end)) return;
    const known = this.#sections.get(range.section);
    const list = known ?? { intervals: [], reach: [], shortest: null };
    if (!known) this.#sections.set(range.section, list);
    list.intervals.push({ start: range.start, end: range.end, value });
  }

  /** The value of the shortest range that holds a place. */
  find(place: Place): Value | null {
    const sorted = this.#sorted(place.section);
    const { intervals, reach } = sorted;
    let best: Interval<Value> | null = null;
    const last = upperBound(intervals, place.offset) - 1;
    for (let index = last; index >= 0; index--) {
      if ((reach[index] ?? 0) <= place.offset) break;
      if (last - index === FEW) {
        const lengthOf = (one: number) => (intervals[one]?.end ?? 0) - (intervals[one]?.start ?? 0);
        // Of equal ones the last, as in this loop.
        sorted.shortest ??= stretchesOf(
          intervals,
          (a, b) => lengthOf(a) < lengthOf(b) || (lengthOf(a) === lengthOf(b) && a > b),
        );
        return intervals[sorted.shortest(place.offset)]?.value ?? null;
      }
      const candidate = intervals[index];
      if (!candidate || candidate.end <= place.offset) continue;
      if (!best || candidate.end - candidate.start < best.end - best.start) best = candidate;
    }
    return best ? best.value : null;
  }

  /** The value of the last range that begins at or before a place, wherever it ends. */
  before(place: Place): Value | null {
    const { intervals } = this.#sorted(place.section);
    return intervals[upperBound(intervals, place.offset) - 1]?.value ?? null;
  }

  /** The values of the ranges that overlap start .. end of a section, by start; one per range. */
  valuesIn(section: number, start: number, end: number): readonly Value[] {
    return this.#sorted(section)
      .intervals.filter((interval) => interval.start < end && start < interval.end)
      .map((interval) => interval.value);
  }

  #sorted(section: number): SectionIntervals<Value> {
    const list = this.#sections.get(section);
    if (!list) return { intervals: [], reach: [], shortest: null };
    if (list.reach.length === list.intervals.length) return list;
    list.intervals.sort((a, b) => a.start - b.start);
    list.reach.length = 0;
    list.shortest = null;
    let furthest = Number.NEGATIVE_INFINITY;
    for (const { end } of list.intervals) {
      furthest = Math.max(furthest, end);
      list.reach.push(furthest);
    }
    return list;
  }
}

/** The first interval that starts after `offset`. */
const upperBound = (intervals: readonly { readonly start: number }[], offset: number): number =>
  firstWhere(intervals.length, (index) => (intervals[index]?.start ?? 0) > offset);
