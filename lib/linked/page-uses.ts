// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What becomes of the page that an ADRP puts into a register: the instructions
// that add the low 12 bits to it, and those that use it as it is. No relocation
// pairs them in a linked image; registers do, along the code's own ways.

import { type LowBits, lowBits } from '../aarch64/address-fields.js';
import {
  baseRegister,
  decodeBranch,
  decodeMove,
  decodeOperation,
  registersRead,
  registersWritten,
} from '../aarch64/instructions.js';
import { type Register, ZERO } from '../aarch64/operations.js';
import type { CodeMap } from '../code/code-map.js';

export interface PageUses {
  /** Section offsets of instructions that complete it. */
  readonly completed: ReadonlyMap<number, LowBits>;
  /** It is read, written or handed on as it is, by an instruction that takes no low bits. */
  readonly isUsedPlainly: boolean;
}

/** What a callee may change: x0 to x18 and the link register. [AAPCS64 "General-purpose Registers"] */
const isLostInCall = (register: Register): boolean => register <= 18 || register === 30;
/** x0 to x7. */
const ARGUMENTS = 8;
/** Instructions that one walk may visit, each with a register. */
const MOST = 20_000;

/** `goesOn`: whether the code that is walked goes on at an offset. */
export const usesOfPage = (
  code: CodeMap,
  offset: number,
  register: Register,
  goesOn: (offset: number) => boolean,
): PageUses => {
  const completed = new Map<number, LowBits>();
  let isUsedPlainly = false;
  const seen = new Set<number>();
  const pending: number[] = [];
  const enter = (at: number, held: Register): void => {
    const state = at * 32 + held;
    if (seen.has(state) || seen.size >= MOST || !goesOn(at) || !code.isCode(at)) return;
    seen.add(state);
    pending.push(state);
  };
  for (const next of code.successors(offset)) enter(next, register);
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    const [at, held] = [Math.floor(state / 32), state % 32];
    const word = code.word(at);
    const branch = decodeBranch(word);
    const isCall = branch?.kind === 'call' || branch?.kind === 'indirect-call';
    const move = decodeMove(word);
    const sum = sumWith(word, held);
    const low = baseRegister(word) === held ? lowBits(word) : null;
    if (low) completed.set(at, low);
    else if (move?.from === held) {
      if (move.to !== ZERO) for (const next of code.successors(at)) enter(next, move.to);
    } else if (sum !== null) {
      for (const next of code.successors(at)) enter(next, sum);
    } else if ((isCall && held < ARGUMENTS) || (registersRead(word) & (1 << held)) !== 0)
      isUsedPlainly = true;
    if (isCall && isLostInCall(held)) continue;
    if ((registersWritten(word) & (1 << held)) !== 0) continue;
    for (const next of code.successors(at)) enter(next, held);
  }
  return { completed, isUsedPlainly };
};

/** Where a page goes on that another register is added to: the low bits may come behind that (per-CPU variables). */
const sumWith = (word: number, held: Register): Register | null => {
  const operation = decodeOperation(word);
  if (operation?.kind !== 'sum' || operation.subtract || !operation.wide || operation.to >= ZERO) return null;
  const { left, right, to } = operation;
  return right.kind === 'register' && (left === held) !== (right.register === held) ? to : null;
};
