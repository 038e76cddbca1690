// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The label from which the arms of a switch are counted, as compilers form it in
// front of the branch, and the table of the numbers that are added to it:
//
//         ldrb w0, [x1, w0, uxtw]      // x1: adrp and add in front of it
//         adr  x1, 1f
//         add  x0, x1, w0, sxtb #2
//         br   x0
//     1:
//
// Nothing else is done with the label there; whatever looks different is none.

import { formsAddress } from '../aarch64/address-fields.js';
import {
  addressTerms,
  baseRegister,
  decodeBranch,
  decodeMemory,
  decodeOperation,
  indexedLoadSize,
  indirectRegister,
  mayBecomeBranch,
  reads,
  resultRegister,
  writes,
} from '../aarch64/instructions.js';
import type { Register } from '../aarch64/operations.js';
import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { NumberTable } from './distance-tables.js';
import { sizeOfSwitch } from './switch-size.js';
import type { Address } from './values.js';

/** Bytes from the first of these instructions to the branch. */
const LONGEST = 32;

const isSumOf = (word: number, register: Register): boolean =>
  decodeMemory(word) === null && addressTerms(word)?.includes(register) === true;

/** The instruction that adds to the address that is formed at a place, if that is a label of a switch; else null. */
const sumOf = (code: Code, tables: PatchTables, at: Address, end: Address): Address | null => {
  const base = resultRegister(code.word(at));
  let sum: Address | null = null;
  for (let pc = at + 4; pc < end && pc <= at + LONGEST; pc += 4) {
    if (tables.changes(pc)) return null;
    const word = code.word(pc);
    const result = sum === null ? null : resultRegister(code.word(sum));
    if (mayBecomeBranch(word)) {
      const isTaken = decodeBranch(word)?.kind === 'indirect-jump' && indirectRegister(word) === result;
      return isTaken ? sum : null;
    }
    if (isSumOf(word, base)) sum = pc;
    else if (reads(word, base) || writes(word, base)) return null;
    else if (result !== null && writes(word, result)) return null;
  }
  return null;
};

/** `at`: of the instruction that forms the address `target`, in the function `extent`. */
export const isSwitchBase = (
  code: Code,
  tables: PatchTables,
  at: Address,
  target: Address,
  { start, end }: Extent,
): boolean =>
  formsAddress(code.word(at)) && target > start && target < end && sumOf(code, tables, at, end) !== null;

/** The table, if the instructions around the base show it; null if they do not. */
export const tableOfSwitch = (
  code: Code,
  tables: PatchTables,
  at: Address,
  { start, end }: Extent,
): NumberTable | null => {
  const sum = sumOf(code, tables, at, end);
  const operation = sum === null ? null : decodeOperation(code.word(sum));
  if (sum === null || operation?.kind !== 'sum' || operation.right.kind !== 'register') return null;
  const { register, adjustment } = operation.right;
  const isScaled = !['lsr', 'asr', 'ror'].includes(adjustment.kind);
  const load = writerBefore(code, tables, sum, register, start);
  if (!isScaled || load === null) return null;
  const width = indexedLoadSize(code.word(load));
  if (width !== 1 && width !== 2 && width !== 4) return null;
  const formed = writerBefore(code, tables, load, baseRegister(code.word(load)), start);
  const patched = formed === null ? null : code.patchedAt(formed);
  if (patched?.kind !== 'page-offset' && patched?.kind !== 'pc-address') return null;
  const count = sizeOfSwitch(code, tables, load);
  return { start: patched.target, count, width, unit: 2 ** adjustment.amount };
};

/** The last instruction in front of another one that writes a register, if control comes straight from there. */
const writerBefore = (
  code: Code,
  tables: PatchTables,
  place: Address,
  register: Register,
  start: Address,
): Address | null => {
  for (let pc = place - 4; pc >= place - LONGEST && pc >= start && code.followsOnly(pc + 4); pc -= 4) {
    const word = code.word(pc);
    if (mayBecomeBranch(word) || tables.changes(pc)) return null;
    if (writes(word, register)) return pc;
  }
  return null;
};
