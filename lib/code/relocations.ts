// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The relocations of a section by place, without reading all of them: .rela.text
// of a vmlinux.o has millions, .rela.debug_info of an arm64 defconfig is 475 MB.
// gcc, clang and both linkers write these tables sorted by r_offset, so they are
// searched. Nothing guarantees the order, so it is checked: some
// samples must be in order, every probe must lie between its neighbours and the
// slice itself must be sorted; otherwise the whole table is scanned in pieces.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsAddends, RELA_WORDS, type Relocation, RelocationTable } from '../elf/relocations.js';

/** A table of up to so many entries (1 MB) is read whole and kept, sorted if need be. */
const WHOLE_TABLE = 43_690;
/** Places of a longer table that are checked before it is searched. */
const SAMPLES = 16;
/** Entries that are looked at together, and how often their place is guessed before the table is bisected. */
const AROUND = 64;
const MOST_GUESSES = 8;
/** Entries of a short range that are read before it is known how many it has: 400 kB. */
const MOST_AT_ONCE = 16_384;
/** Bytes of a patched section whose relocations are read together. */
const PAGE = 65536;
const empty = new RelocationTable(new Uint32Array(0));

export class Relocations {
  readonly #object: ObjectFile;
  readonly #sections: readonly Section[];
  readonly #whole = new Map<Section, RelocationTable>();
  /** What `at` has read, by page of the patched section. */
  readonly #pages = new Map<number, RelocationTable>();
  /** Whether a table's entries seem to be in order. */
  readonly #orders = new Map<Section, boolean>();

  /** `sections`: the RELA or CREL sections of one section; the gABI allows several, tools write one. */
  constructor(object: ObjectFile, sections: readonly Section[]) {
    this.#object = object;
    this.#sections = sections;
  }

  /** The relocation at an offset, or null; of several, the first. */
  at(offset: number): Relocation | null {
    const number = Math.floor(offset / PAGE);
    const table = this.#pages.get(number) ?? this.slice(number * PAGE, (number + 1) * PAGE);
    this.#pages.set(number, table);
    const index = table.lowerBound(offset);
    return index < table.count && table.offset(index) === offset ? table.entry(index) : null;
  }

  /** Those with start <= r_offset < end, by offset. */
  *within(start: number, end: number): Generator<Relocation> {
    const table = this.between(start, end);
    for (let index = 0; index < table.count; index++) yield table.entry(index);
  }

  /** A sorted table of those with start <= r_offset < end. */
  between(start: number, end: number): RelocationTable {
    const table = this.slice(start, end);
    const first = table.lowerBound(start);
    return table.range(first, table.lowerBound(end) - first);
  }

  /** A sorted table with every relocation of start <= r_offset < end, and maybe others. */
  slice(start: number, end: number): RelocationTable {
    const tables = this.#sections.map((section) => this.#sliceOf(section, start, end));
    const [first, second] = tables;
    if (!first) return empty;
    return second ? sorted(tables.flatMap((table) => entriesOf(table))) : first;
  }

  /** All tables: a short one is kept for those who ask for single places, a long one comes in pieces, as of chunks(). */
  *all(): Generator<RelocationTable> {
    for (const section of this.#sections) {
      if (this.#object.relocationCount(section) <= WHOLE_TABLE) yield this.#wholeOf(section);
      else yield* this.#object.relocationChunks(section);
    }
  }

  /** All tables in pieces, each valid until the next one is asked for. */
  *chunks(): Generator<RelocationTable> {
    for (const section of this.#sections) yield* this.#object.relocationChunks(section);
  }

  #sliceOf(section: Section, start: number, end: number): RelocationTable {
    const count = this.#object.relocationCount(section);
    if (count <= WHOLE_TABLE) return this.#wholeOf(section);
    if (this.#looksSorted(section, count)) {
      const table = this.#between(section, count, start, end);
      if (table) return table;
      this.#orders.set(section, false);
    }
    const found: Relocation[] = [];
    for (const chunk of this.#object.relocationChunks(section)) {
      found.push(...entriesOf(chunk, (offset) => offset >= start && offset < end));
    }
    return sorted(found);
  }

  #wholeOf(section: Section): RelocationTable {
    const known = this.#whole.get(section);
    if (known) return known;
    const read = this.#object.relocations(section);
    const table = read.isSorted() ? read : sorted(entriesOf(read));
    this.#whole.set(section, table);
    return table;
  }

  /** Checks a few entries from all over the table, once: a table put together from unsorted pieces stands out. */
  #looksSorted(section: Section, count: number): boolean {
    const known = this.#orders.get(section);
    if (known !== undefined) return known;
    let sorted = true;
    let last = 0;
    for (let sample = 0; sample <= SAMPLES; sample++) {
      const index = Math.floor(((count - AROUND) * sample) / SAMPLES);
      const block = this.#object.relocationRange(section, index, AROUND);
      if (block.offset(0) < last || !block.isSorted()) sorted = false;
      last = block.offset(AROUND - 1);
    }
    this.#orders.set(section, sorted);
    return sorted;
  }

  /** Of a long table, those of a range; null if what is read of it is not sorted. */
  #between(section: Section, count: number, start: number, end: number): RelocationTable | null {
    const first = this.#lowerBound(section, count, start);
    if (first === null) return null;
    // Of a short range, so many as there may be, one for four bytes, are read before it is known where they end.
    const most = Math.min(count, first + Math.ceil((end - start) / 4) + 1);
    for (const last of most - first <= MOST_AT_ONCE ? [most, null] : [null]) {
      const known = last ?? this.#lowerBound(section, count, end);
      if (known === null || known < first) return null;
      const table = this.#object.relocationRange(section, first, known - first);
      const below = table.countBelow(end);
      if (below === null) return null;
      // Otherwise there are more than one for four bytes.
      if (last === null || below < table.count || last === count) return table.range(0, below);
    }
    return null;
  }

  /**
   * The first entry with r_offset >= `offset`; null if the probes contradict a sorted table. Compilers relocate evenly, so
   * where it should be is guessed, and looked at with what is around.
   */
  #lowerBound(section: Section, count: number, offset: number): number | null {
    let low = 0;
    let high = count;
    let lowest = 0;
    let highest = Number.POSITIVE_INFINITY;
    for (let probe = 0; low < high; probe++) {
      const isGuessed = probe < MOST_GUESSES && highest > lowest && highest < Number.POSITIVE_INFINITY;
      const share = isGuessed ? Math.min(1, Math.max(0, (offset - lowest) / (highest - lowest))) : 1 / 2;
      const first = Math.max(low, low + Math.floor((high - low) * share) - AROUND / 2);
      const block = this.#object.relocationRange(section, first, Math.min(AROUND, high - first));
      const start = block.offset(0);
      const end = block.offset(block.count - 1);
      if (start < lowest || end > highest || !block.isSorted()) return null;
      if (end < offset) {
        low = first + block.count;
        lowest = end;
      } else if (start >= offset) {
        high = first;
        highest = start;
      } else return first + block.lowerBound(offset);
    }
    return low;
  }
}

const entriesOf = (
  table: RelocationTable,
  wanted: (offset: number) => boolean = () => true,
): Relocation[] => {
  const entries: Relocation[] = [];
  for (let index = 0; index < table.count; index++) {
    if (wanted(table.offset(index))) entries.push(table.entry(index));
  }
  return entries;
};

const sorted = (entries: Relocation[]): RelocationTable => {
  entries.sort((a, b) => a.offset - b.offset);
  const words = new Uint32Array(entries.length * RELA_WORDS);
  entries.forEach(({ offset, type, symbol, addend }, index) => {
    // A Uint32Array stores values modulo 2^32.
    words.set(
      [offset, offset / 2 ** 32, type, symbol, addend, Math.floor(addend / 2 ** 32)],
      index * RELA_WORDS,
    );
  });
  return new RelocationTable(words);
};

const known = new WeakMap<Section, Relocations>();

/** Those of a loaded section. A foreign tool's SHT_REL table is ignored here; object-faults.ts reports it. */
export const relocationsOf = (object: ObjectFile, section: Section): Relocations => {
  const tables = () => object.relocationSections(section).filter(holdsAddends);
  const relocations = known.get(section) ?? new Relocations(object, tables());
  known.set(section, relocations);
  return relocations;
};
