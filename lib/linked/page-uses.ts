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
  reads,
  registersWritten,
} from '../aarch64/instructions.js';
import { type Register, ZERO } from '../aarch64/operations.js';
import type { CodeMap } from '../code/code-map.js';
import type { Callees } from './callees.js';

export interface PageUses {
  /** Section offsets of instructions that complete it. */
  readonly completed: ReadonlyMap<number, LowBits>;
  /** It is read, written or handed on as it is, by an instruction that takes no low bits. */
  readonly isUsedPlainly: boolean;
}

/** x0 to x7. */
const ARGUMENTS = 8;
/** Instructions that one walk may visit, each with a register. */
const MOST = 20_000;

/** The code that is walked. */
export interface PageWalk {
  readonly code: CodeMap;
  /** Whether it goes on at an offset. */
  readonly goesOn: (offset: number) => boolean;
  readonly callees: Callees;
  /** An instruction makes the same page. */
  readonly isSamePage: (offset: number) => boolean;
}

export const usesOfPage = (walk: PageWalk, offset: number, register: Register): PageUses => {
  const { code, goesOn, callees } = walk;
  const completed = new Map<number, LowBits>();
  /** Reached only by way of calls and traps that may be the end, with the register. */
  const doubtful = new Map<number, Register>();
  let isUsedPlainly = false;
  const seen = new Set<number>();
  const pending: number[] = [];
  const later: number[] = [];
  const enter = (at: number, held: Register, into = pending): void => {
    const state = at * 32 + held;
    if (seen.has(state) || seen.size >= MOST || !goesOn(at) || !code.isCode(at)) return;
    if (into === pending) seen.add(state);
    into.push(state);
  };
  for (const next of code.successors(offset)) enter(next, register);
  let isSure = true;
  const take = (): number | undefined => {
    const state = pending.pop();
    if (state !== undefined || later.length === 0) return state;
    // All that is certain was walked.
    isSure = false;
    for (const one of later.splice(0)) enter(Math.floor(one / 32), one % 32);
    return pending.pop();
  };
  for (let state = take(); state !== undefined; state = take()) {
    const [at, held] = [Math.floor(state / 32), state % 32];
    const word = code.word(at);
    const branch = decodeBranch(word);
    const isCall = branch?.kind === 'call' || branch?.kind === 'indirect-call';
    const move = decodeMove(word);
    const sum = sumWith(word, held);
    const low = baseRegister(word) === held ? lowBits(word) : null;
    if (low) {
      completed.set(at, low);
      if (!isSure) doubtful.set(at, held);
    } else if (move?.from === held) {
      if (move.to !== ZERO) for (const next of code.successors(at)) enter(next, move.to);
    } else if (sum !== null) {
      for (const next of code.successors(at)) enter(next, sum);
    } else if ((isCall && held < ARGUMENTS) || reads(word, held)) isUsedPlainly = true;
    const changed = isCall ? callees.changes(at) : registersWritten(word);
    if ((changed & (1 << held)) !== 0) continue;
    const behind = isSure && isCall && callees.mayBeTheEnd(at) ? later : pending;
    for (const next of code.successors(at)) enter(next, held, behind);
    // WARN_ON() goes on, as far as the compiler sees; BUG() does not, and other code follows.
    if (branch?.kind === 'breakpoint') enter(at + 4, held, isSure ? later : pending);
  }
  for (const [at, held] of doubtful) if (hasOtherValue(walk, at, held)) completed.delete(at);
  return { completed, isUsedPlainly };
};

/**
 * Whether something else than the page comes to an instruction in a register, on ways without such calls: low bits fit one
 * page only, so then the page is not what the instruction is for.
 */
const hasOtherValue = (
  { code, goesOn, callees, isSamePage }: PageWalk,
  offset: number,
  register: Register,
): boolean => {
  const seen = new Set<number>();
  const pending = [offset];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const before of code.predecessors(at)) {
      if (seen.has(before) || seen.size >= MOST || !goesOn(before) || callees.mayBeTheEnd(before)) continue;
      seen.add(before);
      const written = registersWritten(code.word(before));
      if ((written & (1 << register)) === 0) pending.push(before);
      else if (!isSamePage(before)) return true;
    }
  }
  return false;
};

/** Where a page goes on that another register is added to: the low bits may come behind that (per-CPU variables). */
const sumWith = (word: number, held: Register): Register | null => {
  const operation = decodeOperation(word);
  if (operation?.kind !== 'sum' || operation.subtract || !operation.wide || operation.to >= ZERO) return null;
  const { left, right, to } = operation;
  return right.kind === 'register' && (left === held) !== (right.register === held) ? to : null;
};
