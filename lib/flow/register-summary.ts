// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The summary of a function: which registers it may read before writing them,
// which it may write, and which call-preserved ones it may return changed. The
// walk relies on this and not on the calling convention alone: gcc's -fipa-ra
// keeps values in caller-saved registers that a callee leaves alone, and assembly
// and outlined code do not preserve all that the convention asks for.
//
//     f:  mov  x0, #1        // reads nothing, writes x0
//         ret                // a caller may keep a value in x9 across bl f
//
// Every branch, key and alternative counts in both directions, so a summary
// holds on every machine. It errs towards more reads and more writes.
//
// Odd: a function that ends in ERET has switched to another context. The
// call-preserved registers that it stored are restored on the way back through
// the vectors, which are not part of it (__guest_enter and __guest_exit).

import { endsFlow, indirectRegister, NOP } from '../aarch64/instructions.js';
import { CALL_PRESERVED, CALLER_SAVED, FRAME_POINTER, GENERAL, LINK, RESULTS } from '../aarch64/registers.js';
import type { Code } from '../code/code.js';
import { branchTarget, type Instruction, type Moved } from '../code/instruction.js';
import { movedBy, type PatchTables } from '../code/patch-tables.js';
import type { Effort } from './effort.js';
import { movesLink } from './moved-link.js';
import { neverReturns } from './noreturn.js';
import {
  atEntry,
  type Facts,
  factsAfter,
  fetchedElsewhere,
  joinFacts,
  leavesStackAlone,
  savedOnStack,
} from './register-facts.js';
import { anySummary, conventionalSummary, finalSummary, type RegisterSummary } from './summary.js';
import type { Address } from './values.js';

/** How many instructions of a host function are looked at. */
const MAX_HOST_INSTRUCTIONS = 1024;
/** Depth of calls. No kernel needs more, and recursion must not overflow the stack. */
const MAX_DEPTH = 200;

/** A function while its summary is being made. */
class Reading {
  reads = 0;
  writes = 0;
  changes = 0;
  keepsLink = false;
  movesLink = false;
  returns = false;
  keepsStack = true;
  /** What holds where it branches through a register; null: it does not. */
  jump: Facts | null = null;
  readonly entry: Address;
  readonly isHyp: boolean;
  readonly facts = new Map<Address, Facts>();
  readonly pending: Address[] = [];

  constructor(entry: Address, isHyp: boolean) {
    this.entry = entry;
    this.isHyp = isHyp;
  }

  join(to: Address, state: Facts): void {
    const before = this.facts.get(to);
    const after = before ? joinFacts(before, state) : state;
    if (after === before) return;
    this.facts.set(to, after);
    this.pending.push(to);
  }

  /** Registers are read that may not have been written. */
  read(registers: number, { defined, own }: Facts): void {
    this.reads |= registers & ((CALLER_SAVED & ~defined) | own);
  }

  /** It goes back to its caller, or to a function that does. */
  leave({ own, stack }: Facts): void {
    this.changes |= CALL_PRESERVED & ~own;
    if (stack !== 0 || (own & FRAME_POINTER) === 0) this.keepsStack = false;
  }
}

export class RegisterSummaries {
  readonly #code: Code;
  readonly #tables: PatchTables;
  /** null: in the making; a recursive function cannot be followed. */
  readonly #known = new Map<Address, RegisterSummary | null>();
  readonly #effort: Effort;
  readonly #different = new Map<string, RegisterSummary>();
  #depth = 0;

  constructor(code: Code, tables: PatchTables, effort: Effort) {
    this.#code = code;
    this.#tables = tables;
    this.#effort = effort;
  }

  of(entry: Address): RegisterSummary {
    const known = this.#known.get(entry);
    if (known) return known;
    if (known === null || this.#depth > MAX_DEPTH) return anySummary;
    const isHyp = this.#code.isCode(entry) ? this.#code.isHyp(entry) : null;
    if (neverReturns(this.#code.nameOf(entry) ?? '', isHyp)) return finalSummary;
    if (isHyp === null) return conventionalSummary;
    const { start, end } = this.#code.extentAt(entry);
    if (!isHyp && end - start > MAX_HOST_INSTRUCTIONS * 4) return conventionalSummary;
    this.#known.set(entry, null);
    this.#depth++;
    const summary = this.#shared(this.#read(entry, isHyp));
    this.#depth--;
    this.#known.set(entry, summary);
    return summary;
  }

  /** Many functions have the same. */
  #shared(summary: RegisterSummary): RegisterSummary {
    const key = Object.values(summary).join();
    const known = this.#different.get(key) ?? summary;
    this.#different.set(key, known);
    return known;
  }

  #read(entry: Address, isHyp: boolean): RegisterSummary {
    const reading = new Reading(entry, isHyp);
    reading.join(entry, atEntry);
    do {
      for (let pc = reading.pending.pop(); pc !== undefined; pc = reading.pending.pop()) {
        const state = reading.facts.get(pc);
        if (state) this.#step(reading, pc, state);
      }
    } while (this.#enterArms(reading));
    return {
      reads: reading.reads,
      writes: reading.writes & CALLER_SAVED,
      changes: isHyp ? reading.changes & CALL_PRESERVED : 0,
      keepsLink: reading.keepsLink,
      movesLink: reading.movesLink,
      returns: reading.returns,
      keepsStack: reading.keepsStack,
    };
  }

  /**
   * Finds the arms of a switch: instructions behind one that does not fall through, to which nothing else leads. (An
   * arm that is also a branch target is read with the facts of that branch.) Returns whether there were any.
   */
  #enterArms(reading: Reading): boolean {
    const { jump, facts, entry } = reading;
    if (!jump) return false;
    const { start, end } = this.#code.extentAt(entry);
    for (let pc = start; pc < end; pc += 4) {
      const before = this.#code.instructionAt(pc - 4).branch;
      if (facts.has(pc) || !this.#isInside(reading, pc) || !before || !endsFlow(before)) continue;
      reading.join(pc, jump);
    }
    return reading.pending.length > 0;
  }

  #isInside({ entry, isHyp }: Reading, to: Address): boolean {
    return (
      to === entry || (this.#code.isCode(to) && !this.#code.isEntry(to) && this.#code.isHyp(to) === isHyp)
    );
  }

  #step(reading: Reading, pc: Address, state: Facts): void {
    const keys = this.#tables.keysAt(pc);
    const fixups = this.#tables.fixupsAt(pc);
    const alternatives = this.#tables.alternativesAt(pc);
    this.#effort.spend(1 + keys.length + fixups.length + alternatives.length);
    for (const { target } of keys) {
      this.#go(reading, target, state);
      this.#go(reading, pc + 4, state);
    }
    for (const fixup of fixups) this.#go(reading, fixup, state);
    const instruction = this.#code.instructionAt(pc);
    this.#execute(reading, pc, instruction, state, null);
    for (const alternative of alternatives) {
      const { original, replacement } = alternative;
      if (replacement === null) {
        // A callback computes what the old code does, in its registers. A branch or a nop may become anything.
        if (!instruction.branch && instruction.word !== NOP) continue;
        reading.read(GENERAL, state);
        reading.writes |= CALLER_SAVED;
        reading.keepsStack = false;
        continue;
      }
      const replacing = this.#code.instructionAt(replacement + (pc - original));
      this.#execute(reading, pc, replacing, state, movedBy(alternative, replacement));
    }
  }

  /** To the next instruction or a branch target. A branch out of the function is a tail call. */
  #go(reading: Reading, to: Address, after: Facts): void {
    if (this.#isInside(reading, to)) {
      reading.join(to, after);
      return;
    }
    const callee = this.#calleeOf(reading, to);
    reading.read(callee.reads, after);
    reading.writes |= callee.writes;
    reading.leave(after);
    reading.changes |= callee.changes;
    reading.keepsStack &&= callee.keepsStack;
    reading.returns ||= callee.returns;
  }

  #execute(reading: Reading, pc: Address, instruction: Instruction, state: Facts, moved: Moved | null): void {
    const { branch, word } = instruction;
    if (!branch) {
      reading.read(instruction.reads & ~savedOnStack(instruction), state);
      reading.reads |= fetchedElsewhere(instruction, state);
      reading.writes |= instruction.writes;
      if (instruction.reads & LINK) reading.keepsLink = true;
      if (movesLink(instruction)) reading.movesLink = true;
      reading.keepsStack &&= leavesStackAlone(instruction, state);
      this.#go(reading, pc + 4, factsAfter(instruction, state));
      return;
    }
    const to = branchTarget(instruction, moved);
    switch (branch.kind) {
      case 'jump':
        this.#go(reading, to, state);
        break;
      case 'conditional':
        reading.read(instruction.reads, state);
        this.#go(reading, to, state);
        this.#go(reading, pc + 4, state);
        break;
      case 'call':
      case 'indirect-call': {
        if (branch.kind === 'indirect-call') reading.read(1 << indirectRegister(word), state);
        const callee = branch.kind === 'call' ? this.#calleeOf(reading, to) : conventionalSummary;
        reading.read(callee.reads, state);
        reading.writes |= callee.writes;
        reading.keepsStack &&= callee.keepsStack;
        if (!callee.returns) break;
        // A compiler treats what a callee may write as written.
        const defined = state.defined | callee.writes;
        this.#go(reading, pc + 4, { ...state, defined, own: state.own & ~callee.changes });
        break;
      }
      case 'indirect-jump':
        // Out of the function, or to an arm of a switch.
        reading.read(GENERAL, state);
        reading.writes |= CALLER_SAVED;
        reading.keepsStack = false;
        reading.returns = true;
        if (state.slots.size === 0) reading.changes |= CALL_PRESERVED & ~state.own;
        reading.jump = reading.jump ? joinFacts(reading.jump, state) : state;
        break;
      case 'return':
        reading.read(RESULTS, state);
        reading.returns = true;
        reading.leave(state);
        break;
      case 'exception-return':
        reading.read(CALLER_SAVED, state);
        reading.writes |= CALLER_SAVED;
        reading.keepsStack = false;
        reading.returns = true;
        reading.changes |= CALL_PRESERVED & ~state.own & ~state.stored;
        break;
      case 'breakpoint':
        this.#go(reading, pc + 4, state);
        break;
      case 'trap':
        break;
      default:
        branch.kind satisfies never;
    }
  }

  #calleeOf({ isHyp }: Reading, to: Address): RegisterSummary {
    if (isHyp) return this.of(to);
    // Host functions call many others: only the callee itself is looked at, not what it calls.
    return neverReturns(this.#code.nameOf(to) ?? '', false) ? finalSummary : conventionalSummary;
  }
}
