// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is loaded through an address that code has formed: from which bytes of the
// variable, into which register. Every compiler indexes a table in its own way (a
// second register, a sum before the load, a pointer that is stepped), so an
// address plus something unknown is followed too: it stays in the same variable.

import {
  decodeMemory,
  decodeMove,
  decodeOperation,
  isWideTransfer,
  writes,
} from '../aarch64/instructions.js';
import { type Operation, type Register, ZERO } from '../aarch64/operations.js';
import type { CodeMap } from './code-map.js';

/** A 64-bit load: the size of an address. */
export interface WideLoad {
  /** Section offset of the instruction. */
  readonly offset: number;
  readonly register: Register;
  /** Bytes from the address that was formed. */
  readonly distance: number;
  /** Something unknown is added to that. */
  readonly inexact: boolean;
}

/** How far a register is from the address that was formed. */
interface Held {
  readonly distance: number;
  readonly inexact: boolean;
}

/** Most states (an offset and a register) that one search may visit; functions need far fewer. */
const MAX_STATES = 20_000;

/**
 * The loads through the value that `register` has after the instruction at `offset`.
 * `isOtherUse` marks instructions whose relocation shows that their base register holds another address.
 */
export const loadsThrough = (
  code: CodeMap,
  offset: number,
  register: Register,
  isOtherUse: (offset: number) => boolean,
): readonly WideLoad[] => {
  const loads = new Map<number, WideLoad>();
  const states = new Map<number, Held>();
  const pending: number[] = [];
  const enter = (at: number, held: Register, now: Held): void => {
    const state = at * 32 + held;
    const before = states.get(state);
    if (before && (before.inexact || (before.distance === now.distance && !now.inexact))) return;
    states.set(state, before ? { ...before, inexact: true } : now);
    pending.push(state);
  };
  for (const next of code.successors(offset)) enter(next, register, { distance: 0, inexact: false });
  while (pending.length > 0 && states.size < MAX_STATES) {
    const state = pending.pop() ?? 0;
    const now = states.get(state);
    const [at, held] = [Math.floor(state / 32), state % 32];
    if (!now || !code.isCode(at)) continue;
    const word = code.word(at);
    const operation = decodeOperation(word);
    const memory = decodeMemory(word);
    const isBase = memory !== null && memory.mode !== 'literal' && memory.base === held;
    if (isBase && isOtherUse(at)) continue;
    if (isBase)
      for (const load of loadsOf(word, operation, now))
        loads.set(at * 32 + load.register, { ...load, offset: at });
    const sum = sumOf(word, operation, held, now);
    const isKept = isBase && memory.writeback;
    for (const next of code.successors(at)) {
      if (sum) enter(next, sum.to, sum.held);
      if (isKept) enter(next, held, { ...now, inexact: true });
      else if (!writes(word, held)) enter(next, held, now);
    }
  }
  return [...loads.values()].sort((a, b) => a.offset - b.offset);
};

/** What a load reads whose base register is in `held`. */
const loadsOf = (
  word: number,
  operation: Operation | null,
  held: Held,
): readonly Omit<WideLoad, 'offset'>[] => {
  if (operation?.kind === 'load') {
    const { to, size, address } = operation;
    if (size !== 8 || to === ZERO) return [];
    if (address.kind !== 'base') return [{ register: to, ...held, inexact: true }];
    const step = address.writeback === 'post' ? 0 : address.displacement;
    return [{ register: to, distance: held.distance + (held.inexact ? 0 : step), inexact: held.inexact }];
  }
  const memory = decodeMemory(word);
  // Pairs, and loads with acquire semantics.
  if (memory?.access !== 'load' || !isWideTransfer(word)) return [];
  return registersIn(memory.loads).map((register) => ({ register, ...held, inexact: true }));
};

export const registersIn = (mask: number): readonly Register[] =>
  Array.from({ length: 31 }, (_, register) => register).filter((register) => (mask & (1 << register)) !== 0);

/** The register that the address, or a sum with it, goes to, and the distance. */
const sumOf = (
  word: number,
  operation: Operation | null,
  register: Register,
  held: Held,
): { readonly to: Register; readonly held: Held } | null => {
  const move = decodeMove(word);
  if (move) return move.from === register && move.to !== ZERO ? { to: move.to, held } : null;
  if (!operation?.wide || operation.to >= ZERO) return null;
  if (operation.kind === 'select' && operation.change === 'none') {
    const isChosen = operation.whenTrue === register || operation.whenFalse === register;
    return isChosen ? { to: operation.to, held } : null;
  }
  if (operation.kind !== 'sum') return null;
  const { left, right, subtract, to } = operation;
  if (right.kind === 'constant' && left === register) {
    const step = Number(right.value) * (subtract ? -1 : 1);
    return { to, held: held.inexact ? held : { distance: held.distance + step, inexact: false } };
  }
  const isPart = left === register || (right.kind === 'register' && right.register === register && !subtract);
  return isPart ? { to, held: { ...held, inexact: true } } : null;
};
