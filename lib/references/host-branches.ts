// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Direct branches from host code into code of the nVHE link, which can only run
// at EL2.

import { relocationTypes } from '../aarch64/relocation-types.js';
import { nameAt } from '../code/functions.js';
import { mentionsOf } from '../code/mentions.js';
import { sectionsOf } from '../code/object-sections.js';
import { isHypSection } from '../code/sections.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { PlacedTarget } from '../link/place.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import type { Reference } from './reference.js';

export const collectHostBranches = (image: Image, object: ObjectFile): readonly Reference[] => {
  const found: Reference[] = [];
  const host = sectionsOf(object).code.filter(isHostCode);
  for (const { section, relocation } of mentionsOf(object, hypSymbolsOf(image, object), host)) {
    const { offset, type, symbol, addend } = relocation;
    const kind = relocationTypes.get(type)?.kind;
    if (kind !== 'call' && kind !== 'jump') continue;
    const target = image.resolve(object, symbol, addend);
    if (!isOfOwnLink(target)) continue;
    const at = { object, section, offset };
    found.push({
      at,
      owner: at,
      access: kind,
      target,
      uses: () => [],
      throughGot: false,
      isPrefetch: false,
      source: null,
      isData: false,
      veneer: null,
      relocations: [{ section: section.name, offset, type }],
    });
  }
  return found;
};

const isHostCode = (section: Section): boolean =>
  (section.flags & SHF.EXECINSTR) !== 0 && !isHypSection(section);

/** Symbols that may be hyp code. */
function* hypSymbolsOf(image: Image, object: ObjectFile): Generator<number> {
  const { symbols } = object;
  for (const { index } of sectionsOf(object).hypCode) yield* symbols.inSection(index);
  if (image.objects.length < 2) return;
  for (const symbol of symbols.withPrefix(NVHE_PREFIX)) if (symbols.isUndefined(symbol)) yield symbol;
}

const isOfOwnLink = (target: PlacedTarget): boolean => {
  if (target.kind !== 'place') return false;
  const name = target.symbol ?? nameAt(target.place);
  return name?.startsWith(NVHE_PREFIX) === true && (target.place.section.flags & SHF.EXECINSTR) !== 0;
};
