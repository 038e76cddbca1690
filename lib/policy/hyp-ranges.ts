// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code in a section of the host that only two symbols delimit; the
// generation's row names them.

import type { CodeRange } from '../code/code-range.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Generation } from './generations.js';

export const hypRangesOf = (
  objects: readonly ObjectFile[],
  { hypRanges }: Generation,
): readonly CodeRange[] => {
  if (hypRanges.length === 0) return [];
  return objects.flatMap((object) => {
    const { symbols, sections } = object;
    const found = symbols.globalsNamed(hypRanges.flatMap(({ start, end }) => [start, end]));
    return hypRanges.flatMap(({ start, end }): readonly CodeRange[] => {
      const first = found.get(start);
      const last = found.get(end);
      if (first === undefined || last === undefined) return [];
      const section = sections[symbols.section(first)];
      const length = symbols.value(last) - symbols.value(first);
      if (!section || symbols.section(last) !== section.index || length <= 0) return [];
      return [{ code: { object, section, offset: symbols.value(first) }, length }];
    });
  });
};
