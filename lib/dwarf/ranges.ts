// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Range lists: .debug_ranges up to DWARF 4, .debug_rnglists in DWARF 5. Both are
// relative to a base address, at first the unit's DW_AT_low_pc. In a relocatable
// object an address in a list may be relocated itself; then it is not relative to
// the base. [DWARF4 2.17.3], [DWARF5 2.17.3, 7.25]

import type { AddressRange, Place } from './address-space.js';
import { DW_AT, DW_RLE } from './constants.js';
import { type FormValue, targetOf } from './forms.js';
import type { RelocatedCursor } from './relocated-section.js';
import type { Entry, Unit } from './units.js';

/** A list with more ranges is damaged: a whole kernel has fewer functions. */
const MOST_RANGES = 1 << 17;
/** Bytes of the longest list entry: a kind and two numbers. */
const LONGEST_ENTRY = 24;
/** A .debug_ranges entry that begins with this sets the base. */
const BASE_SELECTION = 0xffff_ffff_ffff_ffffn;

/** What an entry covers: low_pc and high_pc, or DW_AT_ranges. Throws FormatError if the list is damaged. */
export const rangesOf = ({ unit, values }: Entry): readonly AddressRange[] => {
  const list = values.get(DW_AT.ranges);
  if (list) return readRanges(unit, list);
  const low = unit.place(values.get(DW_AT.low_pc));
  const high = values.get(DW_AT.high_pc);
  if (!low || !high) return [];
  if (high.kind === 'constant') {
    return [{ section: low.section, start: low.offset, end: low.offset + high.value }];
  }
  const end = unit.place(high);
  return end && end.section === low.section
    ? [{ section: low.section, start: low.offset, end: end.offset }]
    : [];
};

/** The ranges that a DW_AT_ranges attribute of a unit names. */
const readRanges = (unit: Unit, value: FormValue): readonly AddressRange[] => {
  const base = unit.place(unit.root.values.get(DW_AT.low_pc));
  if (unit.extent.version >= 5) return readRangeList(unit, value, base);
  return readOldRanges(unit, value, base);
};

const rangeOf = (start: Place, end: Place): AddressRange | null =>
  start.section === end.section ? { section: start.section, start: start.offset, end: end.offset } : null;

const moved = (place: Place, by: number): Place => ({ section: place.section, offset: place.offset + by });

const readRangeList = (unit: Unit, value: FormValue, unitBase: Place | null): readonly AddressRange[] => {
  const target = value.kind === 'listIndex' ? unit.rangeListOffset(value.index) : targetOf(value);
  if (!target) return [];
  const section = unit.sections.of(target, '.debug_rnglists');
  const ranges: AddressRange[] = [];
  let base = unitBase;
  let at = target.offset;
  for (;;) {
    const cursor = section.ahead(at, LONGEST_ENTRY);
    const kind = cursor.u8();
    if (kind === DW_RLE.end_of_list) return ranges;
    if (kind === DW_RLE.base_addressx) base = unit.indexedAddress(cursor.uleb());
    else if (kind === DW_RLE.base_address) base = cursor.place();
    else {
      const range = readRange(unit, cursor, kind, base);
      if (range) ranges.push(range);
    }
    section.spend(cursor.offset - at);
    at = cursor.offset;
    if (ranges.length > MOST_RANGES) cursor.fail('a range list does not end');
  }
};

const readRange = (
  unit: Unit,
  cursor: RelocatedCursor,
  kind: number,
  base: Place | null,
): AddressRange | null => {
  switch (kind) {
    case DW_RLE.startx_endx: {
      const start = unit.indexedAddress(cursor.uleb());
      return rangeOf(start, unit.indexedAddress(cursor.uleb()));
    }
    case DW_RLE.startx_length: {
      const start = unit.indexedAddress(cursor.uleb());
      return rangeOf(start, moved(start, cursor.uleb()));
    }
    case DW_RLE.offset_pair: {
      const start = cursor.uleb();
      const end = cursor.uleb();
      return base && rangeOf(moved(base, start), moved(base, end));
    }
    case DW_RLE.start_end: {
      const start = cursor.place();
      return rangeOf(start, cursor.place());
    }
    case DW_RLE.start_length: {
      const start = cursor.place();
      return rangeOf(start, moved(start, cursor.uleb()));
    }
    default:
      return cursor.fail(`a range list has an entry of kind ${kind}`);
  }
};

const readOldRanges = (unit: Unit, value: FormValue, unitBase: Place | null): readonly AddressRange[] => {
  const target = targetOf(value);
  if (!target) return [];
  const section = unit.sections.of(target, '.debug_ranges');
  const ranges: AddressRange[] = [];
  // The base is 0 if the unit's code is in several sections; entries are then full addresses.
  let base = unitBase && isZero(unit, unitBase) ? null : unitBase;
  // DW_AT_GNU_ranges_base applies to the lists that a .dwo names, not to the skeleton's own
  let at = target.offset;
  for (;;) {
    const cursor = section.ahead(at, 16);
    const first = cursor.placeOrNumber();
    const second = cursor.placeOrNumber();
    section.spend(cursor.offset - at);
    at = cursor.offset;
    if (first === 0n && second === 0n) return ranges;
    if (first === BASE_SELECTION) {
      const place = typeof second === 'bigint' ? unit.sections.space.fromNumber(second) : second;
      base = isZero(unit, place) ? null : place;
      continue;
    }
    const place = (written: Place | bigint): Place => {
      if (typeof written !== 'bigint') return written;
      return base ? moved(base, Number(written)) : unit.sections.space.fromNumber(written);
    };
    const range = rangeOf(place(first), place(second));
    if (range) ranges.push(range);
    if (ranges.length > MOST_RANGES) cursor.fail('a range list does not end');
  }
};

/** Whether a place is the number 0 and not an address. */
const isZero = (unit: Unit, place: Place): boolean => {
  const { space } = unit.sections;
  const zero = space.fromNumber(0n);
  return place.section === zero.section && place.offset === zero.offset;
};
