// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Branches from host code straight into code of the nVHE link, which can only
// run at EL2. Their relocations are among the host's, millions of them in a
// large kernel, so they are read in pieces and compared by symbol number.

import { relocationTypes } from '../aarch64/relocation-types.js';
import { nameAt } from '../code/functions.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { PlacedTarget } from '../link/place.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import type { Reference } from './reference.js';

/** `isHyp` says which sections are hyp: branches from the others into them are what is looked for. */
export const collectHostBranches = (
  image: Image,
  object: ObjectFile,
  isHyp: (section: Section) => boolean,
): readonly Reference[] => {
  const marked = markSymbols(image, object, isHyp);
  if (!marked) return [];
  const found: Reference[] = [];
  for (const rela of object.sections) {
    if (rela.type !== SHT.RELA) continue;
    const section = object.sections[rela.info];
    if (!section || (section.flags & SHF.EXECINSTR) === 0 || isHyp(section)) continue;
    for (const table of object.relocationChunks(rela)) {
      for (const index of table.entriesOf(marked)) {
        const kind = relocationTypes.get(table.type(index))?.kind;
        if (kind !== 'call' && kind !== 'jump') continue;
        const target = image.resolve(object, table.symbol(index), table.addend(index));
        if (!isOfOwnLink(target)) continue;
        const at = { object, section, offset: table.offset(index) };
        found.push({
          at,
          owner: at,
          access: kind,
          target,
          uses: () => [],
          throughGot: false,
          isPrefetch: false,
          isData: false,
          relocations: [{ section: section.name, offset: at.offset, type: table.type(index) }],
        });
      }
    }
  }
  return found;
};

/** Per symbol 1 where it can stand for hyp code; null where none does. */
const markSymbols = (
  image: Image,
  object: ObjectFile,
  isHyp: (section: Section) => boolean,
): Uint8Array | null => {
  const { symbols } = object;
  const hypSections = new Set(
    object.sections
      .filter((section) => isHyp(section) && (section.flags & SHF.EXECINSTR) !== 0)
      .map(({ index }) => index),
  );
  const marked = new Uint8Array(symbols.count);
  let any = false;
  for (const section of hypSections) {
    for (const symbol of symbols.inSection(section)) {
      marked[symbol] = 1;
      any = true;
    }
  }
  if (image.objects.length > 1) {
    for (const symbol of symbols.withPrefix(NVHE_PREFIX)) {
      if (!symbols.isUndefined(symbol)) continue;
      marked[symbol] = 1;
      any = true;
    }
  }
  return any ? marked : null;
};

const isOfOwnLink = (target: PlacedTarget): boolean => {
  if (target.kind !== 'place') return false;
  const name = target.symbol ?? nameAt(target.place);
  return name?.startsWith(NVHE_PREFIX) === true && (target.place.section.flags & SHF.EXECINSTR) !== 0;
};
