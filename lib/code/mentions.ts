// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who refers to certain symbols, anywhere in an object. A large kernel has
// millions of relocations, so they are read in pieces and compared by symbol number.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsAddends, type Relocation } from '../elf/relocations.js';

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
  for (const section of patched) {
    for (const rela of object.relocationSections(section)) {
      if (!holdsAddends(rela)) continue;
      for (const table of object.relocationChunks(rela)) {
        for (const index of table.entriesOf(marked)) yield { section, relocation: table.entry(index) };
      }
    }
  }
}
