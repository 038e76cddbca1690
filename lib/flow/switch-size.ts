// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How many numbers the table of a switch has: as many as the comparison in front of
// it lets pass, or as the bits of the index count. What lies behind is another table.
//
//         cmp  w0, #14
//         b.hi 2f              // or b.ls 1f, and the load stands at 1
//         adrp x1, table
//         add  x1, x1, :lo12:table
//         ldrb w0, [x1, w0, uxtw]     // 15 numbers

import { decodeOperation, decodeTest, keepsFlags, mayBranch, writes } from '../aarch64/instructions.js';
import { type Condition, LO, LS, type Operation, type Register, ZERO } from '../aarch64/operations.js';
import type { Code } from '../code/code.js';
import { codeMapOf } from '../code/code-map.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { Address } from './values.js';

/** Instructions from the comparison to the load. */
const LONGEST = 16;

/** Numbers. No switch has more arms. */
const MOST = 4096;

/** An index, and how much of its register is one. */
interface Index {
  readonly register: Register;
  /** All of it; else the low half. */
  readonly wide: boolean;
}

/** `load`: of a number of the table. null: it is not seen. */
export const sizeOfSwitch = (code: Code, tables: PatchTables, load: Address): number | null => {
  const index = indexOf(decodeOperation(code.word(load)));
  let condition: Condition | null = null;
  let at = load;
  for (let step = 0; index && step < LONGEST; step++) {
    const from = comesFrom(code, at);
    if (from === null || tables.changes(from)) return null;
    const word = code.word(from);
    if (condition !== null) {
      const compared = boundOf(decodeOperation(word), index);
      if (compared !== null) return ifUsual(condition === LS ? compared + 1 : compared);
    }
    if (mayBranch(word)) {
      const test = decodeTest(word);
      if (condition !== null || test?.kind !== 'flags') return null;
      // The inverse condition differs in the last bit.
      condition = from + 4 === at ? test.condition ^ 1 : test.condition;
      if (condition !== LS && condition !== LO) return null;
    } else if (writes(word, index.register))
      return condition === null ? sizeOfMask(decodeOperation(word)) : null;
    else if (condition !== null && !keepsFlags(word)) return null;
    at = from;
  }
  return null;
};

const indexOf = (operation: Operation | null): Index | null => {
  if (operation?.kind !== 'load' || operation.address.kind !== 'indexed') return null;
  const { index, adjustment } = operation.address;
  return { register: index, wide: adjustment.kind !== 'uxtw' && adjustment.kind !== 'sxtw' };
};

/** The number with which an index is compared; null: it is not. */
const boundOf = (operation: Operation | null, { register, wide }: Index): number | null => {
  if (operation?.kind !== 'sum' || !operation.setsFlags || !operation.subtract) return null;
  const { left, right, to } = operation;
  const isWhole = operation.wide || !wide;
  return left === register && to === ZERO && right.kind === 'constant' && isWhole
    ? Number(right.value)
    : null;
};

/** How many numbers there are with no other bits than those that are left. */
const sizeOfMask = (operation: Operation | null): number | null => {
  const isMask = operation?.kind === 'logic' && operation.operator === 'and' && !operation.invert;
  return isMask && operation.right.kind === 'constant' ? ifUsual(Number(operation.right.value) + 1) : null;
};

const ifUsual = (count: number): number | null => (count <= MOST ? count : null);

/** The only instruction from which control comes, as far as the function itself shows; null: there are several, or none. */
const comesFrom = (code: Code, at: Address): Address | null => {
  const place = code.placeOf(at);
  if (!place || code.isEntry(at)) return null;
  const [from, other] = codeMapOf(place.object, place.section).predecessors(place.offset);
  return from === undefined || other !== undefined ? null : at - place.offset + from;
};
