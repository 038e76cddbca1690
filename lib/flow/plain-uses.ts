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
// Hyp code that gets it in a register is followed; who has it as a result may add
// anything to it. Where it goes to memory or a constant is added to it, or where it is
// not seen who gets it, only a walk can tell.

import { isLoadOrStore, mayName } from '../aarch64/finished-code.js';
import {
  type Branch,
  decodeMove,
  decodeOperation,
  indirectRegister,
  isSystem,
  mayBeLiteral,
  mayBranch,
  NOP,
  reads,
  resultRegister,
  surelyWritten,
  writes,
  writesVbarEl2,
} from '../aarch64/instructions.js';
import { type Operation, type Register, ZERO } from '../aarch64/operations.js';
import { CALL_PRESERVED, LINK_NUMBER } from '../aarch64/registers.js';
import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import { branchTarget, type Instruction } from '../code/instruction.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { Capabilities } from './capability.js';
import { type Done, type Held, Trace } from './plain-trace.js';
import type { RegisterSummaries } from './register-summary.js';
import type { Address } from './values.js';

/** What is done with an address besides branching to it and handing it out. */
export interface PlainUses {
  /** Anything is: what only a patch uses that is not made on these machines, is not. */
  readonly isUsed: boolean;
  /** Something unknown is added, or may be by whoever gets it as a result: all of the function is meant. */
  readonly isMoved: boolean;
  /** It is put into VBAR_EL2. */
  readonly isVectors: boolean;
}

export class PlainUsers {
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #summaries: RegisterSummaries;
  readonly #capabilities: Capabilities;
  /** By the start of the function. */
  readonly #traces = new Map<Address, Trace>();
  /** Functions of which what was said holds only if they are entered at labels: from there, one instruction follows another. */
  readonly ordered = new Set<Address>();

  constructor(code: Code, tables: PatchTables, summaries: RegisterSummaries, capabilities: Capabilities) {
    this.#code = code;
    this.#tables = tables;
    this.#summaries = summaries;
    this.#capabilities = capabilities;
  }

  /** What is done with `target`, an address of code that the instruction at `at` forms or loads; null: only a walk can tell. */
  usesOf(at: Address, target: Address): PlainUses | null {
    const word = this.#code.word(at);
    const formed = resultRegister(word);
    const isInPlace = this.#replacing(at).length === 0 && this.#tables.hypPlaces(at).includes(at);
    if (!isInPlace || isOfMemory(word) || formed >= LINK_NUMBER) return null;
    const around = this.#code.extentAt(at);
    const first = { at: at + 4, held: formed, around, given: null };
    const trace = this.#traces.get(around.start) ?? new Trace(MOST);
    this.#traces.set(around.start, trace);
    trace.target = target;
    trace.isClear &&= [...trace.called].every((by) => this.#handOver(trace, target, by));
    trace.add(first);
    this.#follow(trace);
    const { isClear, isMoved, isVectors } = trace;
    return isClear ? { isUsed: !trace.isSpared || this.#isUsed(first, target), isMoved, isVectors } : null;
  }

  #follow(trace: Trace): void {
    for (let next = trace.take(); trace.isClear && next; next = trace.take())
      trace.isClear = this.#step(trace, next);
  }

  /** The others that the function forms may be used where this one is not. */
  #isUsed(first: Held, target: Address): boolean {
    const trace = new Trace(MOST_ALONE);
    trace.target = target;
    trace.add(first);
    this.#follow(trace);
    return trace.isUsed || !trace.isClear;
  }

  /** Whether it is clear what an instruction does with the address. */
  #step(trace: Trace, where: Held): boolean {
    const code = this.#code;
    const { at, held } = where;
    const word = code.word(at);
    if (!code.isCode(at) || trace.isTooLong) return false;
    const isChanged = this.#tables.changes(at);
    if (isChanged && !this.#isPatchedPlainly(trace, where)) return false;
    const instruction = mayBranch(word) ? code.instructionAt(at) : null;
    if (instruction?.branch) return this.#branch(trace, where, instruction, instruction.branch);
    if (mayName(word, held)) {
      if (reads(word, held) && !trace.note(where, doneBy(word, held))) return false;
      if ((surelyWritten(word) & (1 << held)) !== 0 && (!isChanged || this.#isLostToo(at, held))) return true;
    }
    return this.#go(trace, where, at + 4);
  }

  /** Keys and fixups lead on; replacement code does not branch, and may do what other code does. */
  #isPatchedPlainly(trace: Trace, where: Held): boolean {
    const tables = this.#tables;
    const { at, held } = where;
    const word = this.#code.word(at);
    const all = this.#replacing(at);
    const replacing = all.flatMap((one) => one ?? []);
    if (all.length < tables.alternativesAt(at).length) trace.isSpared = true;
    // A callback computes what the old code does, in its registers. A nop may become anything.
    if (all.includes(null) && word === NOP) trace.use('nothing');
    if (replacing.length > 0 && [word, ...replacing].some(mayBranch)) return false;
    if (!replacing.every((word) => !reads(word, held) || trace.note(where, doneBy(word, held)))) return false;
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
      .filter(({ capability }) => this.#capabilities.stateOf(capability) !== false)
      .map(({ original, replacement }) =>
        replacement === null ? null : this.#code.word(replacement + (at - original)),
      );
  }

  #branch(trace: Trace, where: Held, instruction: Instruction, branch: Branch): boolean {
    const { at, held, given } = where;
    const isThere = indirectRegister(instruction.word) === held;
    switch (branch.kind) {
      case 'jump':
        return this.#go(trace, where, branchTarget(instruction, null));
      case 'conditional':
        return this.#go(trace, where, branchTarget(instruction, null)) && this.#go(trace, where, at + 4);
      case 'call':
        return this.#handOver(trace, branchTarget(instruction, null), held) && this.#go(trace, where, at + 4);
      case 'indirect-jump':
        trace.leave(where);
        return isThere ? this.#branchThere(trace, held) : this.#branchElsewhere(trace, where);
      case 'indirect-call': {
        const isClear = isThere ? this.#branchThere(trace, held) : this.#branchElsewhere(trace, where);
        const isPreserved = (CALL_PRESERVED & (1 << held)) !== 0;
        return (isClear || (isPreserved && !isThere)) && this.#go(trace, where, at + 4);
      }
      case 'breakpoint':
        return this.#go(trace, where, at + 4);
      case 'return':
        trace.leave(where);
        if (isThere) return this.#branchThere(trace, held);
        // Who gave it in this register has it anyway.
        return given === null || given === held;
      case 'exception-return':
        trace.use('nothing');
        return true;
      case 'trap':
        return true;
      default:
        return branch.kind satisfies never;
    }
  }

  /** Within the function, or to another one that gets it. */
  #go(trace: Trace, where: Held, to: Address): boolean {
    if (!isIn(where.around, to)) {
      trace.leave(where);
      return where.given === null && this.#handOver(trace, to, where.held);
    }
    trace.add({ ...where, at: to });
    return true;
  }

  /** To the address, in a register that still has it then. */
  #branchThere(trace: Trace, held: Register): boolean {
    trace.called.add(held);
    trace.use('nothing');
    return this.#handOver(trace, trace.target, held);
  }

  /** Through another register: whoever is called there gets it. */
  #branchElsewhere(trace: Trace, { at, held, around }: Held): boolean {
    const callees = this.#formedBefore(at, indirectRegister(this.#code.word(at)), true);
    if (callees === null) return false;
    this.ordered.add(around.start);
    return callees.every((callee) => this.#handOver(trace, callee, held));
  }

  /** The addresses that a register may have before an instruction, if those right in front form them; else null. */
  #formedBefore(from: Address, register: Register, mayBeMoved: boolean): readonly Address[] | null {
    const code = this.#code;
    const found: Address[] = [];
    for (let at = from; at > from - FARTHEST && code.followsOnly(at); at -= 4) {
      const word = code.word(at - 4);
      if (mayBranch(word)) return null;
      for (const other of this.#replacing(at - 4)) {
        if (other !== null && !writes(other, register) && !mayBranch(other)) continue;
        const move = other === null ? null : decodeMove(other);
        const moved = mayBeMoved && move ? this.#formedBefore(at - 4, move.from, false) : null;
        if (!moved) return null;
        found.push(...moved);
      }
      if (!writes(word, register)) continue;
      const formed = isOfMemory(word) ? null : code.formedAt(at - 4);
      return formed === null ? null : [...found, formed];
    }
    return null;
  }

  /** Another function gets it in a register: one of the host for any use, one of hyp code is followed. */
  #handOver(trace: Trace, to: Address, held: Register): boolean {
    const code = this.#code;
    if (!code.isCode(to) || !code.isHyp(to)) {
      trace.use('nothing');
      return code.isCode(to) || code.space.nameOf(to) !== null;
    }
    const summary = this.#summaries.of(to);
    if (((summary.reads | summary.changes) & (1 << held)) === 0) return true;
    trace.add({ at: to, held, around: code.extentAt(to), given: held });
    return true;
  }
}

/** Most that is looked at for one function, and for one of the addresses that it forms. */
const MOST = 2000;
const MOST_ALONE = 50;

/** Bytes from where an address is formed to the branch there. */
const FARTHEST = 64;

/** It loads an address, or a word of code, but for a literal. */
const isOfMemory = (word: number): boolean => isLoadOrStore(word) && !mayBeLiteral(word);

const isIn = ({ start, end }: Extent, address: Address): boolean => address >= start && address < end;

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
