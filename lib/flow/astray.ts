// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control leaves what is code: into data among hyp code, or out of its section.

import { NOP } from '../aarch64/instructions.js';
import type { Code } from '../code/code.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { Address } from './values.js';

/**
 * Words that the mapping symbols mark as data are instructions to the processor if control reaches them: `.word` in
 * hyp assembly. Literals of the host are not followed.
 */
export const isRunnableData = (code: Code, to: Address): boolean =>
  !code.isCode(to) && code.isHyp(to) && code.canRun(to);

/**
 * Control goes on where a hyp section has ended. Behind a call the callee may not return, whatever it is; a BRK may be
 * the end, too. NOPs fill up to the section's end, or are there for a branch that the host writes (the hardened vectors of
 * 4.16 to 5.8). Replacement code behind all that (5.8) is executed elsewhere.
 */
export const isAstray = (code: Code, tables: PatchTables, from: Address, to: Address): boolean => {
  if (!code.isHyp(from) || code.space.regionOf(from) !== code.space.regionOf(to) || code.canRun(to))
    return false;
  let last = from;
  while (!tables.isInPlace(last)) last -= 4;
  while (code.isCode(last) && code.word(last) === NOP) {
    if (tables.alternativesAt(last).length > 0) return false;
    last -= 4;
  }
  const kind = code.instructionAt(last).branch?.kind;
  return kind !== 'call' && kind !== 'indirect-call' && kind !== 'breakpoint';
};
