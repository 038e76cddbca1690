// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs of data among hyp code that a finished image has no mapping symbols for:
// literals, slots, code of the linker's.

import { mappingKind, runsOf } from '../code/mapping-symbols.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Run } from './linked-symbols.js';

/** `isData`: per word of the section, 1 where it is. */
export const dataRuns = (object: ObjectFile, section: Section, isData: Uint8Array): readonly Run[] => {
  const known = runsOf(object, section);
  const runs: Run[] = [];
  // The image's own mapping symbols begin runs too, of the linker's code among others.
  const { symbols } = object;
  const begins = new Set(
    symbols
      .inSection(section.index)
      .filter((symbol) => mappingKind(symbols.name(symbol)) !== null)
      .map((symbol) => symbols.value(symbol)),
  );
  let wasData = false;
  for (let index = 0; index < isData.length; index++) {
    const offset = index * 4;
    const now: boolean = isData[index] === 1 && (wasData || known.isCode(offset));
    if (now !== wasData || (now && begins.has(offset)))
      runs.push({ section: section.index, offset, isCode: !now });
    wasData = now;
  }
  return runs;
};
