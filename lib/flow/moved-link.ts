// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Instructions that compute a return address: a function with one returns somewhere
// else than behind its call.
//
//     ldr  w0, [x30], #4     // an argument that stands behind the call
//     ret

import { isLoadOrStore, isPointerSigning } from '../aarch64/finished-code.js';
import { baseRegister, isSystem, resultRegister } from '../aarch64/instructions.js';
import { ZERO } from '../aarch64/operations.js';
import { LINK, LINK_NUMBER } from '../aarch64/registers.js';
import type { Instruction } from '../code/instruction.js';

/** A cheap test that most words fail. */
export const mayMoveLink = (word: number): boolean =>
  resultRegister(word) === LINK_NUMBER || (baseRegister(word) === LINK_NUMBER && isLoadOrStore(word));

/** x30 is the result of a computation, or is stepped by an access. Loads, copies and pointer signing do not count. */
export const movesLink = ({ operation, word, writes, reads }: Instruction): boolean => {
  if ((writes & LINK) === 0) return false;
  if ((reads & LINK) !== 0 && isLoadOrStore(word)) return true;
  // MADD, BFI and whatever else has no operation, but for system instructions, which sign it.
  if (!operation) return (reads & LINK) !== 0 && !isSystem(word) && !isPointerSigning(word);
  const isCopy = operation.kind === 'logic' && operation.left === ZERO && operation.right.kind === 'register';
  return operation.kind !== 'load' && operation.kind !== 'address' && !isCopy;
};
