// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Finds where an address is written in a section of debug information, without
// understanding the section: among the relocations if they make the values,
// otherwise as its eight bytes. A hit may be a coincidence; the caller checks it.

import { ABS64, type AddressSpace, type Place } from './address-space.js';
import type { RelocatedSection } from './relocated-section.js';

/** Bytes searched at once. */
const PIECE = 1 << 20;
const ADDRESS_SIZE = 8;

/** Offsets, in start .. end of a section, of fields that hold the address of a place. */
export function* fieldsWithAddress(
  section: RelocatedSection,
  place: Place,
  space: AddressSpace,
  start = 0,
  end = section.size,
): Generator<number> {
  if (space.relocatable) yield* relocatedFields(section, place, space, start, end);
  else yield* writtenFields(section, space.numberOf(place), start, end);
}

function* relocatedFields(
  section: RelocatedSection,
  place: Place,
  space: AddressSpace,
  start: number,
  end: number,
): Generator<number> {
  /** The A with which S + A is the place, by symbol; null for symbols of other sections. */
  const addends = new Map<number, number | null>();
  const whole = start === 0 && end === section.size;
  for (const table of whole ? section.relocations.chunks() : [section.relocations.slice(start, end)]) {
    for (let index = 0; index < table.count; index++) {
      if (table.type(index) !== ABS64) continue;
      const symbol = table.symbol(index);
      let addend = addends.get(symbol);
      if (addend === undefined) {
        addend = space.addendFor(symbol, place);
        addends.set(symbol, addend);
      }
      if (addend === null || table.addend(index) !== addend) continue;
      const offset = table.offset(index);
      if (offset >= start && offset < end) yield offset;
    }
  }
}

function* writtenFields(
  section: RelocatedSection,
  address: bigint,
  start: number,
  end: number,
): Generator<number> {
  const pattern = Buffer.alloc(ADDRESS_SIZE);
  pattern.writeBigUInt64LE(address);
  for (let at = start; at < end; at += PIECE) {
    // A field may begin in one piece and end in the next.
    const length = Math.min(PIECE + ADDRESS_SIZE - 1, end - at);
    const bytes = Buffer.from(section.plain(at, length).bytes(length));
    for (let found = bytes.indexOf(pattern); found >= 0; found = bytes.indexOf(pattern, found + 1)) {
      yield at + found;
    }
  }
}
