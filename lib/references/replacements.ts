// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Replacement code of alternatives: which instruction each piece replaces. The
// kernel keeps it in .altinstr_replacement or in subsection 1 of the function's
// section, where no symbol covers it. A reference in it belongs to the place that
// it will be copied to.

import { readAlternatives } from '../code/alternatives.js';
import type { CodeRange } from '../code/code-range.js';
import { sectionsOf } from '../code/object-sections.js';
import { isUnknown } from '../code/table-layouts.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';

export interface Replacement extends CodeRange {
  readonly original: Place;
}

/** The replacements whose original is in one of the sections; none from a table of unknown layout. */
export const replacementsFor = (
  image: Image,
  object: ObjectFile,
  sections: readonly Section[],
): readonly Replacement[] => {
  const own = new Set(sections);
  const symbols = object.symbols.markedIn(sections);
  const resolve = (symbol: number, addend: number) => {
    const target = image.resolve(object, symbol, addend);
    return target.kind === 'place' ? target.place : undefined;
  };
  return sectionsOf(object).patchTables.flatMap(({ section, table }): readonly Replacement[] => {
    if (table !== 'alternatives') return [];
    const alternatives = readAlternatives(object, section, resolve, symbols);
    if (isUnknown(alternatives)) return [];
    return alternatives.flatMap(({ original, replacement, length }) =>
      replacement !== null && own.has(original.section) ? [{ original, code: replacement, length }] : [],
    );
  });
};
