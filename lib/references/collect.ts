// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Collects the references of a set of sections. Every relocation that patches them
// ends up in exactly one reference, or in something that is reported as unjudged.

import type { CodeRange } from '../code/code-range.js';
import { sectionsOf } from '../code/object-sections.js';
import { unknownTablesOf } from '../code/table-layouts.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHT } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Reference, Unjudged } from './reference.js';
import { type Replacement, replacementsFor } from './replacements.js';
import { SectionReferences } from './section-references.js';

/**
 * Hands out the references from the hyp sections of an object, from hyp code in sections of the host (`ranges`, of all objects), and
 * from the replacement code of alternatives in both, and returns what could not be understood. They are not kept here: a
 * large link has hundreds of thousands, most of them fine. `loadsKernelAddresses`: slots of data hold kernel addresses,
 * so what hyp code does with a loaded one counts.
 */
export const collectReferences = (
  image: Image,
  object: ObjectFile,
  ranges: readonly CodeRange[],
  loadsKernelAddresses: boolean,
  take: (reference: Reference) => void,
): readonly Unjudged[] => {
  const { hyp, replacementCode } = sectionsOf(object);
  object.symbols.indexSections(new Set(hyp.map(({ index }) => index)));
  const sections = hyp.filter(({ type }) => type !== SHT.NOBITS);
  let replacements: readonly Replacement[] | undefined;
  const replacementsOf = () => {
    replacements ??= replacementsFor(image, object, sections);
    return replacements;
  };
  const unjudged: Unjudged[] = [];
  const add = (section: Section, within: readonly CodeRange[] | null) => {
    const references = new SectionReferences(image, object, section, replacementsOf, within, take);
    references.run(loadsKernelAddresses);
    for (const one of references.unjudged) unjudged.push(one);
  };
  for (const section of sections) add(section, null);
  for (const range of ranges) if (range.code.object === object) add(range.code.section, [range]);

  // Replacement code in a section of its own (up to 5.7) is shared with the host: only what replaces hyp code counts.
  for (const section of replacementCode) {
    if (object.relocationSections(section).length === 0) continue;
    const within = replacementsOf().filter(({ code }) => code.section === section);
    if (within.length > 0) add(section, within);
  }
  if (sections.length > 0) {
    for (const { section, offset } of unknownTablesOf(object, 'alternatives')) {
      const sentence = `the layout of section ‘${section.name}’ is not known, so which hyp code it replaces could not be told`;
      unjudged.push({ at: { object, section, offset }, sentence, relocations: [] });
    }
  }
  return unjudged;
};
