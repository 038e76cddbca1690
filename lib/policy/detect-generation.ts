// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which generation of KVM the objects come from. Decided by names of sections and
// symbols, not by versions, since distributions backport.

import { isHypSection, isOfOwnLink } from '../code/sections.js';
import type { ObjectFile } from '../elf/object-file.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import { type Generation, generations } from './generations.js';

export const detectGeneration = (objects: readonly ObjectFile[]): Generation => {
  if (objects.some(({ sections }) => sections.some(isOfOwnLink))) return generations.nvhe;
  const hasPrefix = (object: ObjectFile): boolean =>
    object.sections
      .filter(isHypSection)
      .some((section) =>
        object.symbols
          .inSection(section.index)
          .some((symbol) => object.symbols.name(symbol).startsWith(NVHE_PREFIX)),
      );
  return objects.some(hasPrefix) ? generations.nvheEarly : generations.hypText;
};
