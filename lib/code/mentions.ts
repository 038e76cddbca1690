// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who refers to certain symbols, anywhere in an object. A large kernel has
// millions of relocations, so they are read in pieces and compared by symbol number.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsAddends, RELA_SIZE, type Relocation } from '../elf/relocations.js';

export interface Mention {
  /** The patched section. */
  readonly section: Section;
  readonly relocation: Relocation;
}

/** Relocations against certain symbols in certain patched sections, section by section. */
export function* mentionsOf(
  object: ObjectFile,
  symbols: Iterable<number>,
  patched: readonly Section[],
): Generator<Mention> {
  const marked = new Uint8Array(object.symbols.count);
  let any = false;
  for (const symbol of symbols) {
    marked[symbol] = 1;
    any = true;
  }
  if (!any) return;
  const all: Section[] = [];
  for (const section of patched)
    for (const rela of object.relocationSections(section)) if (holdsAddends(rela)) all.push(rela);
  for (const { table, relas } of object.relocationPieces(all)) {
    let number = 0;
    let end = countOf(relas, 0);
    for (const index of table.entriesOf(marked)) {
      while (index >= end) end += countOf(relas, ++number);
      const section = object.sections[relas[number]?.info ?? 0];
      if (section) yield { section, relocation: table.entry(index) };
    }
  }
}

/** How many relocations of a piece are of one of its sections; of one alone, all. */
const countOf = (relas: readonly Section[], number: number): number =>
  relas.length === 1 ? Number.POSITIVE_INFINITY : (relas[number]?.size ?? 0) / RELA_SIZE;
