// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a function of hyp code does with an address of code that it forms, as far as
// copies of a register show it. Mostly it calls it, and no walk is needed to see that:
//
//     csel x3, x3, x0, eq     // two functions, of which one is called
//     blr  x3
//
//     sub  x5, x5, x6         // by kimage_voffset: the same function, at another address
//     br   x5
//
// It errs towards more, as an outline does: what is compared counts as handed out.
// Hyp code that gets it in a register is followed. Where it goes to memory or is
// returned, where a constant is added to it, or where a patch changes an instruction
// that has it, only a walk can tell.

import { isLoadOrStore, mayName } from '../aarch64/finished-code.js';
import {
  decodeMove,
  decodeOperation,
  indirectRegister,
  isSystem,
  mayBeLiteral,
  mayBranch,
  registersRead,
  resultRegister,
  surelyWritten,
  writesVbarEl2,
} from '../aarch64/instructions.js';
import { type Operation, type Register, ZERO } from '../aarch64/operations.js';
import { CALL_PRESERVED, LINK_NUMBER, RESULTS } from '../aarch64/registers.js';
import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import { branchTarget } from '../code/instruction.js';
import type { PatchTables } from '../code/patch-tables.js';
import { SLOT } from '../code/vectors.js';
import type { RegisterSummaries } from './register-summary.js';
import type { Address } from './values.js';

/** What is done with an address besides branching to it and handing it out. */
export interface PlainUses {
  /** Something unknown is added, so that all of the function is meant. */
  readonly isMoved: boolean;
  /** It is put into VBAR_EL2. */
  readonly isVectors: boolean;
}

/** What an instruction does with it: another register gets it, too; one of the uses; none of them; only a walk can tell. */
type Done = { readonly to: Register } | 'moved' | 'vectors' | 'nothing' | 'unclear';

export class PlainUsers {
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #summaries: RegisterSummaries;
  /** By the start of the function. */
  readonly #traces = new Map<Address, Trace>();

  constructor(code: Code, tables: PatchTables, summaries: RegisterSummaries) {
    this.#code = code;
    this.#tables = tables;
    this.#summaries = summaries;
  }

  /** What is done with `target`, an address of code that the instruction at `at` forms or loads; null: only a walk can tell. */
  usesOf(at: Address, target: Address): PlainUses | null {
    const code = this.#code;
    const word = code.word(at);
    const formed = resultRegister(word);
    const isOfMemory = isLoadOrStore(word) && !mayBeLiteral(word);
    if (isOfMemory || formed >= LINK_NUMBER || this.#tables.alternativesAt(at).length > 0) return null;
    const around = code.extentAt(at);
    const trace = this.#traces.get(around.start) ?? new Trace();
    this.#traces.set(around.start, trace);
    trace.target = target;
    trace.isClear &&= [...trace.called].every((held) => this.#handOver(trace, target, held));
    trace.add({ at: at + 4, held: formed, around, given: null });
    for (let next = trace.take(); trace.isClear && next; next = trace.take())
      trace.isClear = this.#step(trace, next);
    const { isClear, isMoved, isVectors } = trace;
    // The walk has to look at sums that may be vectors, or labels of the same function.
    const isPlain = (code.placeOf(target)?.offset ?? 0) % SLOT !== 0 && !isIn(around, target);
    return isClear && (isPlain || !isMoved) ? { isMoved, isVectors } : null;
  }

  /** Whether it is clear what an instruction does with the address. */
  #step(trace: Trace, where: Held): boolean {
    const code = this.#code;
    const { at, held } = where;
    const word = code.word(at);
    if (!code.isCode(at) || trace.isTooLong) return false;
    const isChanged = this.#tables.changes(at);
    if (isChanged && !this.#isPatchedPlainly(trace, where)) return false;
    if (mayBranch(word)) return this.#branch(trace, where);
    if (mayName(word, held)) {
      if (reads(word, held) && !trace.note(where, doneBy(word, held))) return false;
      if ((surelyWritten(word) & (1 << held)) !== 0 && (!isChanged || this.#isLostToo(at, held))) return true;
    }
    return this.#go(trace, where, at + 4);
  }

  /** Keys and fixups lead on; alternatives, and what they replace, do not use the register. */
  #isPatchedPlainly(trace: Trace, where: Held): boolean {
    const tables = this.#tables;
    const { at, held } = where;
    const replacing = this.#replacing(at);
    const words = replacing.length > 0 ? [this.#code.word(at), ...replacing.flatMap((one) => one ?? [])] : [];
    if (words.some((word) => reads(word, held) || mayBranch(word))) return false;
    const targets = [...tables.keysAt(at).map(({ target }) => target), ...tables.fixupsAt(at)];
    return targets.every((to) => this.#go(trace, where, to));
  }

  /** Whether what may replace an instruction surely writes the register, too. */
  #isLostToo(at: Address, held: Register): boolean {
    return this.#replacing(at).every((word) => word !== null && (surelyWritten(word) & (1 << held)) !== 0);
  }

  /** The words that may replace an instruction; null for one that a callback of the host writes. */
  #replacing(at: Address): readonly (number | null)[] {
    return this.#tables
      .alternativesAt(at)
      .map(({ original, replacement }) =>
        replacement === null ? null : this.#code.word(replacement + (at - original)),
      );
  }

  #branch(trace: Trace, where: Held): boolean {
    const { at, held, given } = where;
    const instruction = this.#code.instructionAt(at);
    const { branch, word } = instruction;
    if (!branch) return this.#go(trace, where, at + 4);
    const isThere = indirectRegister(word) === held;
    switch (branch.kind) {
      case 'jump':
        return this.#go(trace, where, branchTarget(instruction, null));
      case 'conditional':
        return this.#go(trace, where, branchTarget(instruction, null)) && this.#go(trace, where, at + 4);
      case 'call':
        return this.#handOver(trace, branchTarget(instruction, null), held) && this.#go(trace, where, at + 4);
      case 'indirect-jump':
        return isThere && this.#branchThere(trace, held);
      case 'indirect-call': {
        const isKept = isThere ? this.#branchThere(trace, held) : (CALL_PRESERVED & (1 << held)) !== 0;
        return isKept && this.#go(trace, where, at + 4);
      }
      case 'breakpoint':
        return this.#go(trace, where, at + 4);
      case 'return':
        // Of one who gave it in this register, it has it anyway; nobody looks into others but those of results.
        return given === held || (given === null && (RESULTS & (1 << held)) === 0);
      case 'exception-return':
      case 'trap':
        return true;
      default:
        return branch.kind satisfies never;
    }
  }

  /** Within the function, or to another one that gets it. */
  #go(trace: Trace, where: Held, to: Address): boolean {
    if (!isIn(where.around, to)) return where.given === null && this.#handOver(trace, to, where.held);
    trace.add({ ...where, at: to });
    return true;
  }

  /** To the address, in a register that still has it then. */
  #branchThere(trace: Trace, held: Register): boolean {
    trace.called.add(held);
    return this.#handOver(trace, trace.target, held);
  }

  /** Another function gets it in a register: one of the host for any use, one of hyp code is followed. */
  #handOver(trace: Trace, to: Address, held: Register): boolean {
    const code = this.#code;
    if (!code.isCode(to)) return code.space.nameOf(to) !== null;
    const summary = this.#summaries.of(to);
    if (!code.isHyp(to) || ((summary.reads | summary.changes) & (1 << held)) === 0) return true;
    trace.add({ at: to, held, around: code.extentAt(to), given: held });
    return true;
  }
}

const reads = (word: number, register: Register): boolean => (registersRead(word) & (1 << register)) !== 0;

const isIn = ({ start, end }: Extent, address: Address): boolean => address >= start && address < end;

/** A register has the address before an instruction. */
interface Held {
  readonly at: Address;
  readonly held: Register;
  /** The function. */
  readonly around: Extent;
  /** The register in which it got the address; null: the function that forms it. */
  readonly given: Register | null;
}

/** Most of these that are looked at for one function. */
const MOST = 2000;

/**
 * Where the addresses go that one function forms: each place, with a register, is looked at once for all of them, so what is
 * done with one may be said of the others.
 */
class Trace {
  /** Of which one is asked. */
  target: Address = 0;
  isClear = true;
  isMoved = false;
  isVectors = false;
  /** Registers through which control goes there. */
  readonly called = new Set<Register>();
  /** By the start of the function, bytes from there, the register, and how it got there. */
  readonly #seen = new Map<Address, Set<number>>();
  #count = 0;
  readonly #pending: Held[] = [];

  get isTooLong(): boolean {
    return this.#count > MOST;
  }

  add(where: Held): void {
    const { at, held, around, given } = where;
    const seen = this.#seen.get(around.start) ?? new Set();
    this.#seen.set(around.start, seen);
    const key = ((at - around.start) * 32 + held) * 32 + (given ?? LINK_NUMBER);
    if (seen.has(key)) return;
    seen.add(key);
    this.#count++;
    this.#pending.push(where);
  }

  take(): Held | undefined {
    return this.#pending.pop();
  }

  /** Returns whether it is clear what is done at an instruction that does not branch. */
  note(where: Held, done: Done): boolean {
    if (done === 'unclear') return false;
    if (done === 'moved') this.isMoved = true;
    else if (done === 'vectors') this.isVectors = true;
    else if (done !== 'nothing') this.add({ ...where, at: where.at + 4, held: done.to });
    return true;
  }
}

const doneBy = (word: number, held: Register): Done => {
  const move = decodeMove(word);
  if (move) return move.to < LINK_NUMBER ? { to: move.to } : 'unclear';
  const operation = decodeOperation(word);
  if (operation) return doneByOperation(operation, held);
  if (writesVbarEl2(word)) return 'vectors';
  if (isSystem(word)) return 'nothing';
  return isLoadOrStore(word) ? 'unclear' : 'moved';
};

const doneByOperation = (operation: Operation, held: Register): Done => {
  const { to, wide } = operation;
  switch (operation.kind) {
    case 'compare':
      return 'nothing';
    case 'sum':
      if (operation.setsFlags && to === ZERO) return 'nothing';
      return operation.right.kind === 'constant' ? 'unclear' : 'moved';
    case 'select': {
      const isCopied = operation.change === 'none' || operation.whenFalse !== held;
      return wide && isCopied && to < LINK_NUMBER ? { to } : 'unclear';
    }
    case 'logic':
    case 'bitfield':
    case 'shift':
      return 'moved';
    default:
      return 'unclear';
  }
};
