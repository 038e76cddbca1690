// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a function does to registers, whatever it computes: which it may read
// before it has written them, which it may write, and which call-preserved ones
// it may not give back. The walk keeps what it knows over a call by this
// summary and not by the calling convention alone: gcc's -fipa-ra relies on a
// callee that leaves a caller-saved register alone, and assembly and outlined
// code do not keep all that the convention asks for.
//
// Both ways of every branch, key and alternative count, so a summary holds on
// every machine. What it reads errs towards more, and so does what it writes.
//
// Odd: a function that ends in ERET has switched to another context. What it
// stored of the call-preserved registers comes back by the way of the vectors,
// which are no part of it (__guest_enter and __guest_exit).

import { endsFlow, indirectRegister, NOP } from '../aarch64/instructions.js';
import { ZERO } from '../aarch64/operations.js';
import { ARGUMENTS, CALL_PRESERVED, CALLER_SAVED, GENERAL, LINK, RESULTS } from '../aarch64/registers.js';
import type { Code } from '../code/code.js';
import type { Instruction } from '../code/instruction.js';
import type { PatchTables } from '../code/patch-tables.js';
import { atEntry, type Facts, factsAfter, joinFacts, savedOnStack } from './register-facts.js';
import type { Address } from './values.js';

/** Masks of general registers, bit n for xn. */
export interface RegisterSummary {
  /** x0 to x28 that it, or what it calls, may read as they were at the entry; storing one on the stack is no reading. */
  readonly reads: number;
  /** x0 to x18 that may be written. */
  readonly writes: number;
  /** x19 to x28 that may hold another value when it comes back. */
  readonly changes: number;
  /** The way back may be kept somewhere, so that who leaves by ERET may come back to the caller. */
  readonly keepsLink: boolean;
  /** The way back is computed: it comes back to somewhere else. */
  readonly movesLink: boolean;
}

/** Of a function whose code is not seen: the calling convention. */
export const conventionalSummary: RegisterSummary = {
  reads: ARGUMENTS,
  writes: CALLER_SAVED,
  changes: 0,
  keepsLink: false,
  movesLink: false,
};

/** Where the code cannot be followed. */
const unknownSummary: RegisterSummary = {
  reads: CALLER_SAVED,
  writes: CALLER_SAVED,
  changes: 0,
  keepsLink: true,
  movesLink: false,
};

/** Instructions of a function of the host that is looked at. */
const MAX_HOST_INSTRUCTIONS = 1024;
/** Calls deep; more is nobody's business and would overflow the stack. */
const MAX_DEPTH = 200;

/** A function as it is read. */
class Reading {
  reads = 0;
  writes = 0;
  changes = 0;
  keepsLink = false;
  movesLink = false;
  /** What holds where it branches through a register; null: nowhere. */
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
}

export class RegisterSummaries {
  readonly #code: Code;
  readonly #tables: PatchTables;
  /** null: being made; a function that calls itself is one that cannot be followed. */
  readonly #known = new Map<Address, RegisterSummary | null>();
  #depth = 0;

  constructor(code: Code, tables: PatchTables) {
    this.#code = code;
    this.#tables = tables;
  }

  /** Of the function that is entered at an address. */
  of(entry: Address): RegisterSummary {
    const known = this.#known.get(entry);
    if (known) return known;
    if (known === null || this.#depth > MAX_DEPTH) return unknownSummary;
    if (!this.#code.isCode(entry)) return conventionalSummary;
    const { start, end } = this.#code.extentAt(entry);
    const isHyp = this.#code.isHyp(entry);
    if (!isHyp && end - start > MAX_HOST_INSTRUCTIONS * 4) return conventionalSummary;
    this.#known.set(entry, null);
    this.#depth++;
    const summary = this.#read(entry, isHyp);
    this.#depth--;
    this.#known.set(entry, summary);
    return summary;
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
    };
  }

  /**
   * The arms of a switch are what nothing else leads to: behind an instruction that does not go on. (What a direct
   * branch leads to as well is read with the facts of that branch.) Whether there were any.
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
    for (const { target } of this.#tables.keysAt(pc)) {
      this.#go(reading, target, state);
      this.#go(reading, pc + 4, state);
    }
    for (const fixup of this.#tables.fixupsAt(pc)) this.#go(reading, fixup, state);
    const instruction = this.#code.instructionAt(pc);
    this.#execute(reading, pc, instruction, state, (to) => to);
    for (const { original, length, replacement } of this.#tables.alternativesAt(pc)) {
      if (replacement === null) {
        // A callback computes what the old code does, in its registers; a placeholder may become anything.
        if (!instruction.branch && instruction.word !== NOP) continue;
        reading.read(GENERAL, state);
        reading.writes |= CALLER_SAVED;
        continue;
      }
      const end = replacement + length;
      this.#execute(reading, pc, this.#code.instructionAt(replacement + (pc - original)), state, (to) =>
        to >= replacement && to <= end ? original + (to - replacement) : to,
      );
    }
  }

  /** On, or by a branch; out of the function a callee returns in its place. */
  #go(reading: Reading, to: Address, after: Facts): void {
    if (this.#isInside(reading, to)) {
      reading.join(to, after);
      return;
    }
    const callee = this.#calleeOf(reading, to);
    reading.read(callee.reads, after);
    reading.writes |= callee.writes;
    reading.changes |= (CALL_PRESERVED & ~after.own) | callee.changes;
  }

  #execute(
    reading: Reading,
    pc: Address,
    instruction: Instruction,
    state: Facts,
    moved: (to: Address) => Address,
  ): void {
    const { branch, patched, word } = instruction;
    if (!branch) {
      reading.read(instruction.reads & ~savedOnStack(instruction), state);
      reading.writes |= instruction.writes;
      if (instruction.reads & LINK) reading.keepsLink = true;
      if (movesLink(instruction)) reading.movesLink = true;
      this.#go(reading, pc + 4, factsAfter(instruction, state));
      return;
    }
    const isPatched = patched?.kind === 'call' || patched?.kind === 'jump';
    const to = isPatched ? patched.target : moved(instruction.at + (branch.displacement ?? 0));
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
        // A compiler takes what a callee may write for written.
        const defined = state.defined | callee.writes;
        this.#go(reading, pc + 4, { ...state, defined, own: state.own & ~callee.changes });
        break;
      }
      case 'indirect-jump':
        // Out of the function, or to an arm of a switch.
        reading.read(GENERAL, state);
        reading.writes |= CALLER_SAVED;
        if (state.slots.size === 0) reading.changes |= CALL_PRESERVED & ~state.own;
        reading.jump = reading.jump ? joinFacts(reading.jump, state) : state;
        break;
      case 'return':
        reading.read(RESULTS, state);
        reading.changes |= CALL_PRESERVED & ~state.own;
        break;
      case 'exception-return':
        reading.read(CALLER_SAVED, state);
        reading.writes |= CALLER_SAVED;
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
    // Functions of the host call many others: one of them is looked at, not what it calls.
    return isHyp ? this.of(to) : conventionalSummary;
  }
}

/** x30 is made of something by a computation; loading it, copying it and signing it is nothing special. */
const movesLink = ({ operation, writes }: Instruction): boolean => {
  if ((writes & LINK) === 0 || !operation) return false;
  const isCopy = operation.kind === 'logic' && operation.left === ZERO && operation.right.kind === 'register';
  return operation.kind !== 'load' && operation.kind !== 'address' && !isCopy;
};
