// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of distances, as assembly writes them (`.word f - base`): within one
// section they need no relocation, so only who reads them knows what they are. If
// control goes to an address plus something unknown, every number of every table
// that was read may be the distance to an entry from there.
//
//     adr  x1, table
//     ldrsw x2, [x1, x0, lsl #2]     // x0 is not bounded
//     add  x1, x1, x2
//     br   x1                        // to whatever entry a number of the table leads to
//
// Odd: the same numbers are looked at as of each width, and counted in bytes and
// in instructions. Only what has a symbol counts, so chance finds little. Tables
// outside hyp code count for the function that reads them.

import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import { coverAt } from '../code/functions.js';
import { holdsConstants } from '../code/sections.js';
import type { Effort } from './effort.js';
import type { Address, Site } from './values.js';

/** Bytes of a number, and what it counts. */
const forms = [1, 2, 4].flatMap((size) => [1, 4].map((unit) => ({ size, unit })));

/** Most bytes of a table without a sized symbol. */
const LONGEST = 4096;

/** An address, and the instruction that formed it. */
type Formed = Pick<Site, 'target' | 'at'>;

export class DistanceTables {
  readonly #code: Code;
  readonly #effort: Effort;
  readonly #bases = new Map<string, Formed>();
  readonly #tables = new Map<string, Formed>();

  constructor(code: Code, effort: Effort) {
    this.#code = code;
    this.#effort = effort;
  }

  /** Data were read from here on; returns the entries that this leads to. */
  read(table: Formed): readonly Address[] {
    if (!isNew(this.#tables, table)) return [];
    return [...this.#bases.values()].flatMap((base) => this.#entries(base, table));
  }

  /** Control goes to this address plus something unknown; returns the entries that this leads to. */
  branch(base: Formed): readonly Address[] {
    if (!isNew(this.#bases, base)) return [];
    return [...this.#tables.values()].flatMap((table) => this.#entries(base, table));
  }

  #entries(base: Formed, table: Formed): readonly Address[] {
    const isNear = this.#code.extentAt(base.at).start === this.#code.extentAt(table.at).start;
    if (!isNear && !this.#code.isHyp(table.target)) return [];
    const extent = this.#extentOf(table.target);
    // Each pair of a base and a table is looked at, and each byte of a table as the start of several numbers.
    this.#effort.spend(Math.max(0, extent.end - extent.start));
    return this.#targets(base.target, extent);
  }

  #extentOf(table: Address): Extent {
    if (this.#code.isHyp(table)) return { start: table, end: this.#code.dataAround(table).end };
    const place = this.#code.placeOf(table);
    if (!place || !holdsConstants(place.section)) return { start: table, end: table };
    const cover = coverAt(place);
    const end = Math.min(place.section.size, cover?.sized ? cover.end : place.offset + LONGEST);
    return { start: table, end: table + (end - place.offset) };
  }

  #targets(base: Address, { start, end }: Extent): readonly Address[] {
    const targets = new Set<Address>();
    for (const { size, unit } of forms) {
      for (let place = 0; place + size <= end - start; place += size) {
        const at = start + place;
        for (const isSigned of [true, false]) {
          const to = base + (this.#code.constantAt(at, size, isSigned) ?? 0) * unit;
          if (to !== base && this.#code.isHyp(to) && this.#code.isCode(to) && this.#code.isEntry(to))
            targets.add(to);
        }
      }
    }
    return [...targets];
  }
}

const isNew = (known: Map<string, Formed>, { target, at }: Formed): boolean => {
  const key = `${target} ${at}`;
  if (known.has(key)) return false;
  known.set(key, { target, at });
  return true;
};
