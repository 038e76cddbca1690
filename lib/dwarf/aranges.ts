// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// .debug_aranges: which unit covers which addresses, so that a place leads to its
// unit without reading any other. gcc and the assemblers write it, clang does not.
// [DWARF5 6.1.2 "Lookup by Address"]

import type { AddressRange } from './address-space.js';
import type { RelocatedSection, Target } from './relocated-section.js';

/** What a unit covers, and where it is in .debug_info. */
export interface UnitRanges {
  readonly unit: Target;
  readonly ranges: readonly AddressRange[];
}

/** Bytes of a tuple: an address and a length. */
const TUPLE = 16;

/**
 * The table of a whole section. Throws FormatError if it is damaged. `of`: only the sets that have an address in the section
 * of that index are wanted, and others are passed over; null: all.
 */
export function* readAddressRanges(
  section: RelocatedSection,
  of: number | null = null,
): Generator<UnitRanges> {
  const cursor = section.range(0, section.size);
  const wanted = of === null ? null : section.mentionsOf(of);
  let next = 0;
  while (!cursor.atEnd) {
    const start = cursor.offset;
    let offsetSize: 4 | 8 = 4;
    let length = cursor.u32();
    if (length === 0xffffffff) {
      offsetSize = 8;
      length = cursor.u64();
    }
    const end = cursor.offset + length;
    if (end > section.size) cursor.fail(`a set of address ranges has ${length} bytes`);
    const version = cursor.u16();
    if (version !== 2) cursor.fail(`address ranges of version ${version} are not known`);
    if (wanted) {
      while ((wanted[next] ?? end) < start) next++;
      if ((wanted[next] ?? end) >= end) {
        cursor.offset = end;
        continue;
      }
    }
    const unit = cursor.target(offsetSize);
    const addressSize = cursor.u8();
    const segmentSize = cursor.u8();
    if (addressSize !== 8 || segmentSize !== 0) cursor.fail('address ranges for another kind of machine');
    // Tuples are aligned to their own size, relative to the start of the set.
    cursor.offset = start + Math.ceil((cursor.offset - start) / TUPLE) * TUPLE;
    const ranges: AddressRange[] = [];
    while (cursor.offset + TUPLE <= end) {
      const { section: place, offset } = cursor.place();
      // The terminating pair of zeros is an empty range, and so is that of a unit without code.
      const size = cursor.u32() + cursor.u32() * 2 ** 32;
      if (size > 0) ranges.push({ section: place, start: offset, end: offset + size });
    }
    yield { unit, ranges };
    cursor.offset = end;
  }
}
