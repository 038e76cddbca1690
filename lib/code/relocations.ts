// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The relocations of a section that is loaded, by place. Those of a page are
// looked for when one of them is asked for: .rela.text of a vmlinux.o has
// millions, of which a walk needs a few thousand.

import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Relocation, RelocationTable } from '../elf/relocations.js';
import { SHT } from '../elf/vocabulary.js';
import { RelocationSlices } from './relocation-slices.js';

/** Bytes of the section. */
const PAGE = 65536;

export class SectionRelocations {
  readonly #slices: RelocationSlices;
  readonly #pages = new Map<number, RelocationTable>();

  constructor(object: ObjectFile, section: Section) {
    const tables = object.relocationSections(section).filter(({ type }) => type === SHT.RELA);
    this.#slices = new RelocationSlices(object, tables);
  }

  /** The relocation at an offset, or null; of several the first. */
  at(offset: number): Relocation | null {
    const table = this.#pageOf(offset);
    const index = table.lowerBound(offset);
    return index < table.count && table.offset(index) === offset ? table.entry(index) : null;
  }

  /** Those with start <= r_offset < end, by offset. */
  *within(start: number, end: number): Generator<Relocation> {
    const table = this.#slices.slice(start, end);
    for (let index = table.lowerBound(start); index < table.count; index++) {
      if (table.offset(index) >= end) return;
      yield table.entry(index);
    }
  }

  #pageOf(offset: number): RelocationTable {
    const number = Math.floor(offset / PAGE);
    const known = this.#pages.get(number);
    if (known) return known;
    const page = this.#slices.slice(number * PAGE, (number + 1) * PAGE);
    this.#pages.set(number, page);
    return page;
  }
}

const known = new WeakMap<Section, SectionRelocations>();

export const relocationsOf = (object: ObjectFile, section: Section): SectionRelocations => {
  const relocations = known.get(section) ?? new SectionRelocations(object, section);
  known.set(section, relocations);
  return relocations;
};
