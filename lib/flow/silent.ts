// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Instructions of hyp code that do nothing but go on, whoever executes them: most. A
// look at the word tells it of nearly all of them, and an outline (plain-step.ts)
// need not ask what else there is at each: patch tables, relocations, branches.

import { formsAddress } from '../aarch64/address-fields.js';
import { mayBeLiteral, mayBranch } from '../aarch64/instructions.js';
import { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import { sectionsOf } from '../code/object-sections.js';
import type { PatchTables } from '../code/patch-tables.js';
import { guard } from '../elf/format-error.js';
import { mayMoveLink } from './moved-link.js';

/** A cheap test, which some words fail that are silent. */
const isSilent = (word: number): boolean =>
  !mayBranch(word) && !formsAddress(word) && !mayBeLiteral(word) && !mayMoveLink(word);

/** Those that the words alone show. What no relocation completes and no table changes is as it stands. */
export const silentIn = (code: Code, tables: PatchTables): AddressSet => {
  const silent = new AddressSet(code.space);
  for (const object of code.space.image.objects)
    for (const section of sectionsOf(object).hypCode) {
      const start = code.space.startOf(object, section);
      // Of a damaged section nothing is known here.
      const words = guard(
        () => code.sectionAt(start)?.unpatchedWords(isSilent),
        () => null,
      );
      if (words) silent.addAll(start, words);
    }
  tables.withoutChanged(silent);
  return silent;
};
