// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a kernel address is stored that hyp code loads and uses: the table or
// pointer that has to be changed, or read in another way.

import { nameAt } from '../code/functions.js';
import { holdsCode } from '../code/sections.js';
import { type Note, quote } from '../diagnostics/diagnostic.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { AddressSource } from '../references/reference.js';
import { objectNote, spotOf } from './spot.js';

/** it is loaded from ‘handlers’ (section ‘.rodata’), one of 3 kernel addresses there */
export const sourceNote = ({ slot, count }: AddressSource): Note => {
  const others = count > 1 ? `, one of ${count} kernel addresses there` : '';
  const isLiteral = holdsCode(slot.section);
  return {
    message: `it is loaded from ${isLiteral ? 'a literal' : variableName(slot)} (section ${quote(slot.section.name)})${others}`,
    place: (isLiteral ? null : spotOf(slot, 'variable').place) ?? objectNote(slot).place,
  };
};

const variableName = (slot: Place): string => {
  const name = nameAt(slot);
  return name === null ? 'data without a symbol' : quote(sourceName(name));
};
