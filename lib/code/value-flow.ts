// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a register's value comes from and what is done with it, found along the
// control flow of one section. Follows copies, small constant offsets, indices of
// arrays and CSEL, and gives up at anything else. That is enough for what
// compilers make of an address: ADRP, ADD, then loads and stores.

import { mayName } from '../aarch64/finished-code.js';
import {
  baseRegister,
  decodeAddImmediate,
  decodeBranch,
  decodeMemory,
  decodeMove,
  derivedAddress,
  indirectRegister,
  literalDisplacement,
  type MemoryAccess,
  reads,
  registersWritten,
  writes,
} from '../aarch64/instructions.js';
import type { Register } from '../aarch64/operations.js';
import type { CodeMap } from './code-map.js';

/**
 * What the code does with an address that it formed, as far as registers can be followed. `argument`: in x0 to x7 at a
 * call, whether the callee takes it or not; `value`: it is computed with, compared, stored or returned.
 */
export interface Use {
  readonly kind: 'load' | 'store' | 'branch' | 'argument' | 'value';
  /** A second register is added: the formed address may only be a base. */
  readonly indexed: boolean;
  /** The register that holds the address. */
  readonly register: Register;
  /** Section offset of the instruction, in the section of the reference's place. */
  readonly offset: number;
}

/** The processor accesses the address. */
export const isAddressUse = ({ kind }: Use): boolean =>
  kind === 'load' || kind === 'store' || kind === 'branch';

/** x0 to x7. [AAPCS64 "Parameter passing"] */
const ARGUMENTS = 8;
const RESULTS = 2;

/** Most states (an offset and a register) that one search may visit; functions need far fewer. */
const MAX_STATES = 20_000;

/** Words that all searches of one section for definitions may look at: so many, and so many times its size. */
const MOST_LOOKS = 500_000;
const LOOKS_AT_EACH = 4;
/** What each may look at where that is spent. */
const FEW_LOOKS = 200;

/** What searches of one section leave to each other. */
class Searches {
  /** Words that they looked at. */
  looks = 0;
  /**
   * Per register the last stretch that was searched backwards, from an offset to the instruction that writes it, or to
   * where straight code begins (then `written` is 0). What is asked next stands behind it, as a rule: ten thousands of
   * instructions may complete one ADRP.
   */
  readonly from = new Float64Array(32).fill(-1);
  readonly to = new Float64Array(32);
  readonly written = new Uint8Array(32);
}

const searchesOf = new WeakMap<CodeMap, Searches>();

/**
 * The instructions that may have put into `register` the value that it has at `offset`, through copies.
 * `accept` says whether an instruction that writes the register is one of them.
 */
export const definitionsOf = (
  code: CodeMap,
  offset: number,
  register: Register,
  accept: (offset: number, register: Register) => boolean,
): readonly number[] => {
  const found: number[] = [];
  const seen = new Set<number>();
  const pending: number[] = [];
  const searches = searchesOf.get(code) ?? new Searches();
  searchesOf.set(code, searches);
  const most = MOST_LOOKS + (code.size / 4) * LOOKS_AT_EACH;
  let left = Math.max(FEW_LOOKS, most - searches.looks);
  const first = left;
  /** Searches backwards from `offset`. Straight-line code, which is most, needs neither lists nor marks. */
  const walk = (from: number, register_: Register): void => {
    const { from: starts, to: ends, written } = searches;
    let at = from;
    let wanted = register_;
    for (;;) {
      const start = at;
      let isWritten = false;
      while (!isWritten && code.followsOnly(at)) {
        if (at === starts[wanted]) {
          at = ends[wanted] as number;
          isWritten = written[wanted] === 1;
          break;
        }
        if (left-- <= 0) return;
        at -= 4;
        const word = code.word(at);
        isWritten = mayName(word, wanted) && writes(word, wanted);
      }
      starts[wanted] = start;
      ends[wanted] = at;
      written[wanted] = isWritten ? 1 : 0;
      if (!isWritten) break;
      if (accept(at, wanted)) {
        found.push(at);
        return;
      }
      const move = decodeMove(code.word(at));
      if (!move || move.to !== wanted || move.from === 31) return;
      wanted = move.from;
    }
    for (const source of code.predecessors(at)) pending.push(source * 32 + wanted);
  };
  walk(offset, register);
  while (pending.length > 0 && seen.size < MAX_STATES && left-- > 0) {
    const state = pending.pop();
    if (state === undefined || seen.has(state)) continue;
    seen.add(state);
    const at = Math.floor(state / 32);
    const wanted = state % 32;
    if (!code.isCode(at)) continue;
    const word = code.word(at);
    if (!writes(word, wanted)) {
      walk(at, wanted);
      continue;
    }
    const move = decodeMove(word);
    if (accept(at, wanted)) found.push(at);
    else if (move && move.to === wanted && move.from !== 31) walk(at, move.from);
  }
  searches.looks += first - left;
  return [...new Set(found)].sort((a, b) => a - b);
};

/**
 * What is done with the value that `register` has after the instruction at `offset`, until it is overwritten.
 * `isOtherUse` marks instructions whose relocation shows that their base register holds another address: the search
 * reached them on a path that is never taken (behind a call that does not return).
 */
export const usesOf = (
  code: CodeMap,
  offset: number,
  register: Register,
  isOtherUse: (offset: number) => boolean,
): readonly Use[] => usesFrom(code, code.successors(offset), register, isOtherUse);

/** The same for the value that `register` has before the instructions at some offsets. */
export const usesFrom = (
  code: CodeMap,
  starts: readonly number[],
  register: Register,
  isOtherUse: (offset: number) => boolean,
): readonly Use[] => {
  const uses = new Map<number, Use>();
  const seen = new Set<number>();
  const pending = starts.map((start) => start * 32 + register);
  while (pending.length > 0 && seen.size < MAX_STATES) {
    const state = pending.pop();
    if (state === undefined || seen.has(state)) continue;
    seen.add(state);
    const at = Math.floor(state / 32);
    const held = state % 32;
    if (!code.isCode(at)) continue;
    const word = code.word(at);
    if (!mayName(word, held) && code.goesOn(at)) {
      pending.push((at + 4) * 32 + held);
      continue;
    }
    if (baseRegister(word) === held && isOtherUse(at)) continue;
    const memory = decodeMemory(word);
    const copy = decodeMove(word) ?? decodeAddImmediate(word);
    const copied = copy?.from === held && copy.to !== 31 ? copy.to : derivedAddress(word, held);
    const kind = useKind(word, memory, held) ?? (copied === null ? valueUse(word, held) : null);
    if (kind !== null)
      uses.set(at * 32 + held, { kind, indexed: memory?.mode === 'register', register: held, offset: at });
    for (const next of code.successors(at)) {
      if (copied !== null) pending.push(next * 32 + copied);
      // A store with write-back changes the address, which stays within the same object.
      const kept = memory?.writeback === true && memory.base === held;
      if (kept || !writes(word, held)) pending.push(next * 32 + held);
    }
  }
  return [...uses.values()].sort((a, b) => a.offset - b.offset);
};

/** As an address: what is done through a register, or whether it may be passed to a callee; null: neither. */
const useKind = (word: number, memory: MemoryAccess | null, held: Register): Use['kind'] | null => {
  if (memory) {
    const isBase = memory.mode !== 'literal' && memory.base === held;
    return isBase && memory.access !== 'prefetch' ? memory.access : null;
  }
  const branch = decodeBranch(word);
  if (!branch) return null;
  const isCall = branch.kind === 'call' || branch.kind === 'indirect-call';
  const isIndirect = branch.kind === 'indirect-jump' || branch.kind === 'indirect-call';
  if (isIndirect && indirectRegister(word) === held) return 'branch';
  // The displacement of a tail call is in its relocation; in the word it is zero.
  const isTailCall = branch.kind === 'indirect-jump' || (branch.kind === 'jump' && branch.displacement === 0);
  return (isCall || isTailCall) && held < ARGUMENTS ? 'argument' : null;
};

/** As a number: at a return, x0 and x1 count as results. [AAPCS64 "Result return"] */
const valueUse = (word: number, held: Register): 'value' | null => {
  if (decodeBranch(word)?.kind === 'return' && held < RESULTS) return 'value';
  return reads(word, held) ? 'value' : null;
};

/** What loads from literals among the code, by the offset that is loaded from. */
export interface LiteralLoads {
  /** LDR (literal) into general registers. */
  readonly general: ReadonlyMap<number, readonly number[]>;
  /** Where others load from: into a vector register, whose number says nothing of a general one, or PRFM. */
  readonly others: ReadonlySet<number>;
}

export const literalLoads = (code: CodeMap): LiteralLoads => {
  const general = new Map<number, number[]>();
  const others = new Set<number>();
  for (let at = 0; at < code.size; at += 4) {
    const word = code.word(at);
    const displacement = literalDisplacement(word);
    if (displacement === null || !code.isCode(at)) continue;
    const slot = at + displacement;
    const known = general.get(slot);
    if (registersWritten(word) === 0) others.add(slot);
    else if (known) known.push(at);
    else general.set(slot, [at]);
  }
  return { general, others };
};
