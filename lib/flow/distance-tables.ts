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
import { relocationsOf } from '../code/relocations.js';
import { holdsConstants } from '../code/sections.js';
import { Starts } from '../code/starts.js';
import { SHT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import type { Effort } from './effort.js';
import type { Address, Site } from './values.js';

/** How the numbers of a table are read: of how many bytes each, and how many bytes one of it counts. */
interface NumberForm {
  readonly width: 1 | 2 | 4;
  readonly unit: number;
}

/** They count bytes or instructions. */
const forms: readonly NumberForm[] = ([1, 2, 4] as const).flatMap((width) =>
  [1, 4].map((unit) => ({ width, unit })),
);

/** Without a sign. */
const readNumber = {
  1: (view: DataView, at: number) => view.getUint8(at),
  2: (view: DataView, at: number) => view.getUint16(at, true),
  4: (view: DataView, at: number) => view.getUint32(at, true),
};

/** Most bytes of a table without a sized symbol. */
const LONGEST = 4096;

/** An address, and the instruction that formed it. */
type Formed = Pick<Site, 'target' | 'at'>;

/** A table whose numbers are of a known form. */
export interface NumberTable extends NumberForm {
  readonly start: Address;
  /** How many numbers; null: it is not seen. */
  readonly count: number | null;
}

/** What was met of distances. */
export interface Distances {
  /** Control went to an address plus something unknown. */
  readonly areAdded: boolean;
  /** Data among hyp code were read. */
  readonly areRead: boolean;
}

export class DistanceTables implements Distances {
  readonly #code: Code;
  readonly #effort: Effort;
  readonly #bases = new FormedAddresses();
  readonly #tables = new FormedAddresses();

  constructor(code: Code, effort: Effort) {
    this.#code = code;
    this.#effort = effort;
  }

  get areAdded(): boolean {
    return this.#bases.count > 0;
  }

  get areRead(): boolean {
    for (const { target } of this.#tables.all()) if (this.#code.isHyp(target)) return true;
    return false;
  }

  /** Data were read from here on; returns the entries that this leads to. */
  read(table: Formed): readonly Address[] {
    if (!this.#tables.add(table)) return [];
    return [...this.#bases.all()].flatMap((base) => this.#entries(base, table));
  }

  /** Control goes to this address plus something unknown; returns the entries that this leads to. */
  branch(base: Formed): readonly Address[] {
    if (!this.#bases.add(base)) return [];
    return [...this.#tables.all()].flatMap((table) => this.#entries(base, table));
  }

  /** Control goes to this address plus a number of the table; returns the entries that this leads to. */
  entriesOf({ target }: Formed, table: NumberTable): readonly Address[] {
    const { start, count, width } = table;
    const extent = count === null ? this.#extentOf(start) : { start, end: start + count * width };
    return this.#targets(target, extent, [table]);
  }

  /** Where functions of the host begin is not asked for what hyp code forms. */
  #areOfOneFunction(one: Address, other: Address): boolean {
    const code = this.#code;
    return (
      code.sectionAt(one) === code.sectionAt(other) && code.extentAt(one).start === code.extentAt(other).start
    );
  }

  #entries(base: Formed, table: Formed): readonly Address[] {
    if (!this.#code.isHyp(table.target) && !this.#areOfOneFunction(base.at, table.at)) return [];
    return this.#targets(base.target, this.#extentOf(table.target), forms);
  }

  #extentOf(table: Address): Extent {
    if (this.#code.isHyp(table)) return { start: table, end: this.#code.dataAround(table).end };
    const place = this.#code.placeOf(table);
    if (!place || !holdsConstants(place.section)) return { start: table, end: table };
    const cover = coverAt(place);
    const end = Math.min(place.section.size, cover?.sized ? cover.end : place.offset + LONGEST);
    return { start: table, end: table + (end - place.offset) };
  }

  #targets(base: Address, { start, end }: Extent, forms: readonly NumberForm[]): readonly Address[] {
    // Each pair of a base and a table is looked at, and each byte of a table as the start of several numbers.
    this.#effort.spend(Math.max(0, end - start));
    const wanted = forms.map(({ width, unit }) => ({
      width,
      unit,
      numbers: this.#numbersFrom(base, width, unit),
    }));
    const place = this.#code.placeOf(start);
    if (wanted.every(({ numbers }) => numbers.size === 0) || !place) return [];
    const { object, section, offset } = place;
    const size = Math.min(end - start, object.sizeOf(section) - offset);
    if (section.type === SHT.NOBITS || offset < 0 || size <= 0) return [];
    const bytes = object.read(section, offset, size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    const distances = this.#relocatedIn(place, size);
    const targets = new Set<Address>();
    for (const { width, unit, numbers } of wanted) {
      if (numbers.size === 0) continue;
      const read = readNumber[width];
      const mask = width === 4 ? null : maskOf(numbers, width);
      for (let at = 0; at + width <= size; at += width) {
        const number = read(view, at);
        if (mask !== null && mask[number] === 0) continue;
        const signed = number - 2 ** (8 * width);
        if (!numbers.has(number) && !numbers.has(signed)) continue;
        if (distances.has(at)) continue;
        for (const one of [number, signed]) if (numbers.has(one)) targets.add(base + one * unit);
      }
      for (const distance of distances.values())
        if (width === 4 && distance !== null && numbers.has(distance)) targets.add(base + distance * unit);
    }
    return [...targets];
  }

  /** What relocations write, by place: a distance, or null for other things. */
  #relocatedIn({ object, section, offset }: Place, size: number): ReadonlyMap<number, number | null> {
    const start = this.#code.space.startOf(object, section);
    const found = new Map<number, number | null>();
    for (const relocation of relocationsOf(object, section).within(offset, offset + size))
      found.set(relocation.offset - offset, this.#code.constantAt(start + relocation.offset, 4, true));
    return found;
  }

  /** The numbers that lead from a base to an entry. */
  #numbersFrom(base: Address, width: number, unit: number): ReadonlySet<number> {
    const numbers = new Set<number>();
    for (const entry of this.#code.hypEntries) {
      const number = (entry - base) / unit;
      const isHeld = number >= -(2 ** (8 * width - 1)) && number < 2 ** (8 * width);
      if (isHeld && number !== 0 && Number.isInteger(number)) numbers.add(number);
    }
    return numbers;
  }
}

/** Of numbers of up to two bytes, the bits in which they are written: nearly all numbers of a table are no such. */
const maskOf = (numbers: Iterable<number>, width: number): Uint8Array => {
  const mask = new Uint8Array(2 ** (8 * width));
  for (const number of numbers) mask[number & (mask.length - 1)] = 1;
  return mask;
};

/** Addresses that were formed, each once: a large link has ten thousands. */
class FormedAddresses {
  readonly #bySite = new Starts();
  /** Of each the target, and the instruction that formed it. */
  readonly #rows: Address[] = [];

  get count(): number {
    return this.#rows.length / 2;
  }

  /** Whether it is new. */
  add({ target, at }: Formed): boolean {
    if (this.#bySite.at(at).some((row) => this.#rows[row * 2] === target)) return false;
    this.#bySite.add(at);
    this.#rows.push(target, at);
    return true;
  }

  *all(): Generator<Formed> {
    const rows = this.#rows;
    for (let row = 0; row < rows.length; row += 2)
      yield { target: rows[row] as Address, at: rows[row + 1] as Address };
  }
}
