// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All that can be executed from a set of entry points: a work list over
// procedures (procedure.ts). What is known at a place only ever becomes less,
// and what is reached only ever more, until nothing changes.
//
// Running or branching into another symbol is a call that returns on its
// behalf. So that code behind a call is reached only once the callee is seen to
// return, callers wait for it: functions that never return need no list.
//
// Why it is sound. At the end, for every procedure, (1) each place that keeps a
// state has been looked at with its last state, and (2) the stretch from there
// ends at the next place that keeps one. Take the execution of a machine. Its
// state at the entry is one of those that the entry's kept state stands for; and
// as long as control goes straight on, what the stretch computes stands for the
// machine's state. Wherever control goes otherwise, or comes to a place that
// keeps a state, the state of that place was joined with what the stretch
// computed there. So what is kept stands for whatever the machine has, place
// after place; and a call's callers are resumed with all that was joined at the
// call. (2) is what is easily broken: a place begins to keep a state when a
// branch to it is found, and a stretch may have run over it before:
//
//         cbz  x0, 1f        // the stretch from here runs over 2:
//         and  w1, w2, #1
//     2:  bl   f             // found later: a static key's branch to 2:
//
// What the first stretch brought to 2: was never joined there, so that stretch
// is looked at again (#lookAgainBefore) and now ends at 2:.

import { RESULTS } from '../aarch64/registers.js';
import { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import { sourceName } from '../link/symbol-names.js';
import type { Transfer } from './branch.js';
import { argumentsOf, givenBack, loseArguments, passedTo, stateBehind } from './call.js';
import { Contexts } from './contexts.js';
import { Escapes } from './escapes.js';
import type { LabelTables } from './label-tables.js';
import { neverReturns } from './noreturn.js';
import type { Call, Procedure, RootCause } from './procedure.js';
import { conventionalSummary, type RegisterSummary } from './register-summary.js';
import { joinStates, nothingKnown, type State, sitesIn, weakenState } from './state.js';
import type { Step, Stepper } from './step.js';
import type { Address, AddressSink } from './values.js';

/** An instruction that a procedure executes, and where control goes from it. */
export interface Visit {
  readonly pc: Address;
  readonly transfers: readonly Transfer[];
}

/** What an HVC of the host gives back: kvm_call_hyp() returns one number (asm/kvm_host.h, 4.16 to 5.8). */
const HOST_RESULTS = 1;

export class Walk {
  readonly stepper: Stepper;
  readonly code: Code;
  /** Every word that is executed. */
  readonly executed: AddressSet;
  /** Every place whose state was computed: instructions, by where they are executed. */
  readonly reached: AddressSet;
  /** Words of hyp code that control comes to though the mapping symbols call them data. */
  readonly data = new Set<Address>();
  readonly #escapes: Escapes;
  readonly #contexts: Contexts;
  readonly #pending = new Set<Procedure>();
  readonly #returning = new Set<Procedure>();
  /** Procedures and functions in them that may be entered anywhere, with nothing known. */
  readonly #flooded = new Set<string>();

  /** `followsHyp`: else calls into hyp code just come back; for questions about host functions. */
  constructor(stepper: Stepper, labels: LabelTables, followsHyp: boolean) {
    this.stepper = stepper;
    this.code = stepper.code;
    this.executed = new AddressSet(this.code.space);
    this.reached = new AddressSet(this.code.space);
    this.#contexts = new Contexts(this.code, stepper.summaries, followsHyp);
    const entrances = {
      enter: (address: Address, cause: RootCause) => this.enter(address, cause),
      flood: (around: Address, cause: RootCause) => this.#flood(around, cause),
    };
    this.#escapes = new Escapes(this.code, labels, entrances, followsHyp);
  }

  /** Places that form an address which is used. */
  get used(): AddressSet {
    return this.#escapes.sites;
  }

  get procedures(): Iterable<Procedure> {
    return this.#contexts.all;
  }

  procedureOf(key: string): Procedure | undefined {
    return this.#contexts.named(key);
  }

  /** The procedure that a call goes to; null where it is not followed. */
  calleeOf(to: Address | null, state: State): Procedure | null {
    return to === null ? null : this.#contexts.known(to, state);
  }

  /** Makes an address an entry point; run() then follows it. */
  enter(address: Address, cause: RootCause): void {
    if (!this.code.isCode(address)) return;
    const procedure = this.#contexts.at(address);
    this.#makeRoot(procedure, cause);
    this.#join(procedure, address, nothingKnown);
  }

  /** Any instruction of the function around an address is an entry point. */
  #flood(around: Address, cause: RootCause): void {
    const procedure = this.#contexts.at(this.code.extentAt(around).start);
    this.#makeRoot(procedure, cause);
    this.#everywhere(procedure, around, nothingKnown);
  }

  /** Somebody who is not seen calls it, so the result goes where it is not followed. */
  #makeRoot(procedure: Procedure, cause: RootCause): void {
    procedure.root ??= cause;
    const results = procedure.results | (this.#isOfHost(cause) ? HOST_RESULTS : RESULTS);
    if (results === procedure.results) return;
    procedure.results = results;
    if (!procedure.returned) return;
    this.#loseResult(procedure, procedure.returned);
    this.#returning.add(procedure);
  }

  #loseResult({ summary, results }: Procedure, returned: State): void {
    for (const site of sitesIn(returned, results & summary.writes)) this.#escapes.lost(site);
  }

  /** Only the host calls it, or calls it in a way that is not seen. */
  #isOfHost(cause: RootCause): boolean {
    switch (cause.kind) {
      case 'address':
        return !this.code.isHyp(cause.at);
      case 'global':
        return this.code.space.image.whole;
      default:
        return true;
    }
  }

  run(): void {
    for (;;) {
      // One procedure as far as it goes, then those that it calls, then those that they come back to.
      const [procedure] = this.#pending;
      if (procedure) {
        for (let pc = procedure.agenda.take(); pc !== undefined; pc = procedure.agenda.take()) {
          this.#stretch(procedure, pc);
        }
        this.#pending.delete(procedure);
        continue;
      }
      const [back] = this.#returning;
      if (!back) return;
      this.#returning.delete(back);
      for (const call of back.callers) this.#comeBack(call, back);
    }
  }

  /** All that a procedure executes, with what is known there at the end of the walk. */
  *visits(procedure: Procedure, sink: AddressSink): Generator<Visit> {
    for (const [start, known] of procedure.states) {
      let state: State | null = known;
      for (let pc = start; state; pc += 4) {
        const { transfers }: Step = this.stepper.at(pc, state, sink);
        yield { pc, transfers };
        state = null;
        for (const transfer of transfers) {
          if (!this.#isStraight(procedure, pc, transfer)) continue;
          state = state ? joinStates(state, transfer.state, sink) : transfer.state;
        }
        if (procedure.states.has(pc + 4)) break;
      }
    }
  }

  /**
   * From a place whose state is kept to the next one, or to where control does not go on: between them control comes
   * only from the instruction before, so nothing has to be kept.
   */
  #stretch(procedure: Procedure, start: Address): void {
    let state = procedure.states.get(start) ?? null;
    for (let pc = start; state; pc += 4) {
      this.reached.add(pc);
      const { transfers, executed } = this.stepper.at(pc, state, this.#escapes);
      for (const address of executed) this.executed.add(address);
      state = null;
      for (const transfer of transfers) {
        if (this.#isStraight(procedure, pc, transfer)) {
          state = state ? joinStates(state, transfer.state, this.#escapes) : transfer.state;
        } else this.#follow(procedure, pc, transfer);
      }
      if (state && (procedure.states.has(pc + 4) || this.code.isJoint(pc + 4))) {
        this.#join(procedure, pc + 4, state);
        return;
      }
    }
  }

  /** To the next instruction, which is of the same procedure. */
  #isStraight(procedure: Procedure, pc: Address, transfer: Transfer): transfer is Transfer & { kind: 'go' } {
    return transfer.kind === 'go' && transfer.to === pc + 4 && this.#stays(procedure, pc, transfer.to);
  }

  /** Whether an instruction is of the procedure that comes to it. */
  #stays(procedure: Procedure, from: Address, to: Address): boolean {
    return (
      to !== procedure.entry &&
      this.#goesInto(to) &&
      !this.code.isEntry(to) &&
      this.code.isHyp(to) === this.code.isHyp(from)
    );
  }

  #follow(procedure: Procedure, pc: Address, transfer: Transfer): void {
    switch (transfer.kind) {
      case 'go':
        this.#go(procedure, pc, transfer.to, transfer.state);
        break;
      case 'call':
        this.#call(procedure, pc, transfer.to, transfer.state, pc + 4);
        break;
      case 'anywhere':
        this.#goAnywhere(procedure, pc, transfer.state);
        break;
      case 'return':
        this.#return(procedure, transfer.state);
        break;
      case 'leave':
        if (procedure.keepsLink) this.#return(procedure, transfer.state);
        break;
      default:
        transfer satisfies never;
    }
  }

  #go(procedure: Procedure, from: Address, to: Address, state: State): void {
    if (to === procedure.entry || this.#stays(procedure, from, to)) this.#join(procedure, to, state);
    // What is no code may still be a function of an object that is not here.
    else if (this.#goesInto(to) || this.code.space.nameOf(to) !== null) {
      this.#call(procedure, from, to, state, null);
    }
  }

  /**
   * Words that the mapping symbols call data are instructions to the processor: `.word` in the assembly of hyp code. Of
   * the host's literals nothing is followed.
   */
  #goesInto(to: Address): boolean {
    if (this.code.isCode(to)) return true;
    if (!this.code.isHyp(to) || !this.code.canRun(to)) return false;
    this.data.add(to);
    return true;
  }

  #call(procedure: Procedure, at: Address, to: Address | null, state: State, returnTo: Address | null): void {
    const callee = to === null ? null : this.#contexts.calledFrom(procedure, to, state);
    if (to === null || !callee) {
      this.#callUnseen({ caller: procedure, at, returnTo, state }, to);
      return;
    }
    const call = callee.calledBy(procedure, at, returnTo, state, this.#escapes);
    if (returnTo === null && procedure.keepsLink) this.#keepLink(callee);
    const { summary } = callee;
    const passed = this.code.isHyp(to)
      ? passedTo(summary, state, returnTo !== null)
      : argumentsOf(summary, state, this.#escapes);
    this.#join(callee, to, passed);
    this.#comeBack(call, callee);
  }

  /** A function that nobody can name, that is not here or that is not followed. */
  #callUnseen(call: Call, to: Address | null): void {
    const summary = to === null ? conventionalSummary : this.stepper.summaries.of(to);
    loseArguments(call.state, this.#escapes, summary);
    if (to !== null) {
      const isHyp = this.code.isCode(to) ? this.code.isHyp(to) : null;
      if (neverReturns(this.code.nameOf(to) ?? '', isHyp)) return;
      if (call.returnTo === null && this.#isPart(call.at, to)) this.enter(to, { kind: 'host-function' });
    }
    this.#resume(call, nothingKnown, summary, false);
  }

  /** What branches here keeps the link, so that this one's ERET may come back; and what it branches to in its turn. */
  #keepLink(procedure: Procedure): void {
    if (procedure.keepsLink) return;
    procedure.keepsLink = true;
    for (const place of procedure.states.keys()) this.#lookAt(procedure, place);
  }

  /** A branch from one part of a host function into another, which is a function of its own to the linker: f.cold. */
  #isPart(from: Address, to: Address): boolean {
    const here = this.code.nameOf(from);
    const there = this.code.nameOf(to);
    return here !== null && there !== null && sourceName(here) === sourceName(there);
  }

  #comeBack(call: Call, { returned, summary, root }: Procedure): void {
    if (returned) this.#resume(call, returned, summary, root === null);
  }

  #resume({ caller, at, returnTo, state }: Call, returned: State, summary: RegisterSummary, isSeen: boolean) {
    const after = stateBehind(state, returned, summary, isSeen);
    if (returnTo === null) this.#return(caller, after);
    else this.#go(caller, at, returnTo, after);
    // It computed the way back: who knows how far from where it was to come back.
    if (summary.movesLink) this.#everywhere(caller, at, nothingKnown);
  }

  #return(procedure: Procedure, state: State): void {
    if (procedure.isFinal) return;
    const result = givenBack(procedure.summary, state);
    const joined = procedure.returned ? joinStates(procedure.returned, result, this.#escapes) : result;
    if (joined === procedure.returned) return;
    procedure.returned = joined;
    this.#loseResult(procedure, joined);
    this.#returning.add(procedure);
  }

  /** Nobody knows where: any instruction of the function, and out of it by a function whose address was taken. */
  #goAnywhere(procedure: Procedure, pc: Address, state: State): void {
    loseArguments(state, this.#escapes);
    this.#everywhere(procedure, pc, weakenState(state));
    this.#return(procedure, nothingKnown);
  }

  #everywhere(procedure: Procedure, around: Address, state: State): void {
    const { start, end } = this.code.extentAt(around);
    // Where nothing is known of any instruction already, there is nothing left to give up.
    const key = `${procedure.key} ${start}`;
    if (this.#flooded.has(key)) return;
    if (state === nothingKnown) this.#flooded.add(key);
    for (let pc = start; pc < end; pc += 4) if (this.code.isCode(pc)) this.#join(procedure, pc, state);
  }

  #join(procedure: Procedure, pc: Address, state: State): void {
    const change = procedure.join(pc, state, this.#escapes);
    if (change === null) return;
    this.#pending.add(procedure);
    if (change === 'first') this.#lookAgainBefore(procedure, pc);
  }

  #lookAt(procedure: Procedure, pc: Address): void {
    procedure.agenda.add(pc);
    this.#pending.add(procedure);
  }

  /** A place keeps a state from now on: a stretch that ran over it has to stop there, and be joined. */
  #lookAgainBefore(procedure: Procedure, place: Address): void {
    for (let pc = place; this.reached.has(pc) && this.#stays(procedure, pc - 4, pc); ) {
      pc -= 4;
      if (!procedure.states.has(pc)) continue;
      this.#lookAt(procedure, pc);
      return;
    }
  }
}
