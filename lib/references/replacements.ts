// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Replacement code of alternatives: which instruction each piece replaces. The
// kernel keeps it in .altinstr_replacement or in subsection 1 of the function's
// own section, where no symbol covers it; a reference in it belongs to the
// place that it will be copied to.
//
// struct alt_instr has been 12 bytes in all versions seen (4.16 to 6.12): s32
// orig_offset and s32 alt_offset, each relative to its own field, u16 feature,
// u8 orig_len, u8 alt_len. An entry with alt_len 0 or with a callback names a
// function of the host, not code.

import type { CodeRange } from '../code/code-range.js';
import { Cursor } from '../elf/cursor.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';

const ENTRY_SIZE = 12;
/** ARM64_CB_BIT, since 5.17: the feature names a callback. */
const CALLBACK_BIT = 0x8000;

export interface Replacement extends CodeRange {
  readonly original: Place;
}

/** The replacements whose original lies in one of the sections (by index). */
export const replacementsFor = (
  image: Image,
  object: ObjectFile,
  sections: ReadonlySet<number>,
): readonly Replacement[] =>
  object.sections
    .filter((section) => section.name === '.altinstructions')
    .flatMap((table) => [...readTable(image, object, table, sections)]);

function* readTable(
  image: Image,
  object: ObjectFile,
  table: Section,
  sections: ReadonlySet<number>,
): Generator<Replacement> {
  /** What the field at an offset of the table points at. */
  const fields = new Map<number, Place>();
  const originals: number[] = [];
  for (const rela of object.relocationSections(table)) {
    for (const entries of object.relocationChunks(rela)) {
      for (let index = 0; index < entries.count; index++) {
        const offset = entries.offset(index);
        const target = image.resolve(object, entries.symbol(index), entries.addend(index));
        if (target.kind !== 'place') continue;
        fields.set(offset, target.place);
        if (offset % ENTRY_SIZE === 0 && sections.has(target.place.section.index)) originals.push(offset);
      }
    }
  }
  for (const offset of originals) {
    const original = fields.get(offset);
    const code = fields.get(offset + 4);
    if (!original || !code || offset + ENTRY_SIZE > object.sizeOf(table)) continue;
    const entry = new Cursor(object.read(table, offset, ENTRY_SIZE), {
      file: object.path,
      section: table.name,
      base: offset,
    });
    entry.skip(8);
    const feature = entry.u16();
    entry.skip(1);
    const length = entry.u8();
    if (length > 0 && (feature & CALLBACK_BIT) === 0) yield { original, code, length };
  }
}
