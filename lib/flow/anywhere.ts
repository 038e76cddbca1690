// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a branch may go of which only the function is known.

import type { Code } from '../code/code.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { Address } from './values.js';

/**
 * All instructions of the function around an address. Replacement code, which from 5.8 on stands in subsection 1 of the same
 * section, so behind the last label of an object, is executed where it is put:
 *
 *     vectors: ... b 1f       // the last instruction
 *              sb             // replaces a DSB elsewhere: no branch by a register from the vectors leads here
 */
export const instructionsAround = (code: Code, tables: PatchTables, around: Address): readonly Address[] => {
  const { start, end } = code.extentAt(around);
  const all: Address[] = [];
  for (let at = start; at < end; at += 4) if (code.isCode(at) && tables.isInPlace(at)) all.push(at);
  return all;
};
