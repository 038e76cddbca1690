// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Everything that can be executed from a set of entries: a work list over
// procedures (procedure.ts). What is known at a place only shrinks and what is
// reached only grows, until nothing changes any more.
//
// Falling or branching into another symbol is a call that returns on the
// caller's behalf. Code behind a call is reached only once the callee is seen to
// return, so functions that never return need no list.
//
// Why it is sound. At the end, for every procedure, (1) each place that keeps a
// state has been interpreted with its last state, and (2) the straight stretch of
// code from there ends at the next place that keeps one. Follow an execution of a
// real machine. At the entry, the kept state covers the machine's state. As long
// as control goes straight on, the computed state covers it too. When control
// branches, or reaches a place that keeps a state, the computed state was joined
// into the state of that place. So the kept states cover the machine's state at
// every place; and the callers of a function are resumed with everything that
// was joined at the call. (2) is the fragile part: a place starts to keep a state
// when a branch to it is found, and a stretch may have run over it before:
//
//         cbz  x0, 1f        // the stretch from here runs over 2:
//         and  w1, w2, #1
//     2:  bl   f             // found later: a static key's branch to 2:
//
// The state that the first stretch brought to 2: was never joined there, so that
// stretch is interpreted again (#lookAgainBefore) and now ends at 2:.

import { GENERAL, RESULTS } from '../aarch64/registers.js';
import { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import { instructionsAround } from './anywhere.js';
import { isAstray, isRunnableData } from './astray.js';
import { type Bounds, isWithin } from './bounds.js';
import type { Transfer } from './branch.js';
import { argumentsOf, givenBack, loseArguments, maybeKept, passedTo, stateBehind } from './call.js';
import { Contexts } from './contexts.js';
import type { Distances } from './distance-tables.js';
import { type Effort, stepCosts } from './effort.js';
import { Escapes } from './escapes.js';
import type { LabelTables } from './label-tables.js';
import { neverReturns } from './noreturn.js';
import type { Call, Procedure, RootCause } from './procedure.js';
import { Queue } from './queue.js';
import { joinStates, nothingKnown, type State, sitesIn, unknownEntry, weakenState } from './state.js';
import type { Step, Stepper } from './step.js';
import { conventionalSummary, type RegisterSummary } from './summary.js';
import type { Address, AddressSink } from './values.js';

/** An instruction that a procedure executes, and where control goes from it. */
export interface Visit {
  readonly pc: Address;
  readonly transfers: readonly Transfer[];
}

/** The host takes one result from an HVC: kvm_call_hyp() returns one number (asm/kvm_host.h, 4.16 to 5.8). */
const HOST_RESULTS = 1;

/** So often what is brought to all of a function may become less, before nothing is known there. */
const MOST_CHANGES = 8;

export class Walk {
  readonly stepper: Stepper;
  readonly code: Code;
  /** Every word that is executed. */
  readonly executed: AddressSet;
  /** Every address whose state was computed. For replacement code this is where it is executed. */
  readonly reached: AddressSet;
  /** Words of hyp code that control reaches although the mapping symbols mark them as data. */
  readonly data = new Set<Address>();
  /** Instructions of hyp code behind which control goes on where their section has ended. */
  readonly astray = new Set<Address>();
  readonly #effort: Effort;
  readonly #escapes: Escapes;
  readonly #contexts: Contexts;
  readonly #bounds: Bounds | null;
  /** The function of the last instruction, within bounds. */
  #around: Extent = { start: 0, end: 0 };
  readonly #pending = new Queue<Procedure>();
  readonly #returning = new Queue<Procedure>();
  /**
   * Vectors, each a procedure of its own as if it had a symbol: of the hardened ones of 4.16 to 5.8 there are 64 in a row,
   * and each would be followed again from all that stand before it. Those that the walk finds are not among them: code that
   * was interpreted before has run over them.
   */
  readonly #vectors = new Set<Address>();
  /** Procedures, and functions in them, that may be entered at any instruction with nothing known. */
  readonly #flooded = new Set<string>();
  /** What was brought to every instruction of a function, by procedure and function, and how often that became less. */
  readonly #anywhere = new Map<string, { readonly state: State; readonly changes: number }>();

  constructor(stepper: Stepper, labels: LabelTables, follows: 'all' | 'none' | Bounds, effort: Effort) {
    this.stepper = stepper;
    this.code = stepper.code;
    this.#effort = effort;
    this.executed = new AddressSet(this.code.space);
    this.reached = new AddressSet(this.code.space);
    this.#contexts = new Contexts(this.code, stepper.summaries, follows);
    const bounds = typeof follows === 'string' ? null : follows;
    this.#bounds = bounds;
    const entrances = {
      enter: (address: Address, cause: RootCause) => {
        bounds?.named.add(address);
        if (this.#isWithin(address)) this.#enterAt(address, cause);
      },
      flood: (around: Address, cause: RootCause) => {
        bounds?.flooded.add(around);
        if (this.#isWithin(around)) this.#flood(around, cause);
      },
    };
    this.#escapes = new Escapes(this.code, labels, entrances, this.#effort, follows !== 'none');
  }

  #isWithin(address: Address): boolean {
    return this.#bounds === null || isWithin(this.#bounds, this.code, address);
  }

  /** Within bounds a procedure ends where its function ends. */
  #isSameFunction(from: Address, to: Address): boolean {
    const { start, end } = this.#around;
    if (from < start || from >= end) this.#around = this.code.ownExtentAt(from);
    return to >= this.#around.start && to < this.#around.end;
  }

  /** Instructions that form an address which is used. */
  get used(): AddressSet {
    return this.#escapes.sites;
  }

  /** Whether it branched by distances, and read tables of them among hyp code. */
  get distances(): Distances {
    return this.#escapes.distances;
  }

  get procedures(): Iterable<Procedure> {
    return this.#contexts.all;
  }

  procedureOf(key: string): Procedure | undefined {
    return this.#contexts.named(key);
  }

  /** The procedure that a call goes to; null if it is not followed. */
  calleeOf(to: Address | null, state: State): Procedure | null {
    return to === null ? null : this.#contexts.known(to, state);
  }

  /** Makes an address an entry; run() then follows it. Vectors before the first run(). */
  enter(address: Address, cause: RootCause): void {
    if (cause.kind === 'vector') this.#vectors.add(address);
    this.#enterAt(address, cause);
  }

  #enterAt(address: Address, cause: RootCause): void {
    if (!this.code.isCode(address)) return;
    const procedure = this.#contexts.at(address);
    this.#makeRoot(procedure, cause);
    this.#join(procedure, address, unknownEntry);
  }

  /** Makes every instruction of the function around an address an entry. */
  #flood(around: Address, cause: RootCause): void {
    const procedure = this.#contexts.at(this.code.extentAt(around).start);
    this.#makeRoot(procedure, cause);
    this.#everywhere(procedure, around, nothingKnown);
  }

  /** Unseen callers call it, so its result escapes; from within bounds, all that it leaves in registers. */
  #makeRoot(procedure: Procedure, cause: RootCause): void {
    procedure.root ??= cause;
    const left = this.#bounds ? GENERAL : this.#isOfHost(cause) ? HOST_RESULTS : RESULTS;
    const results = procedure.results | left;
    if (results === procedure.results) return;
    procedure.results = results;
    if (!procedure.returned) return;
    this.#loseResult(procedure, procedure.returned);
    this.#returning.add(procedure);
  }

  #loseResult({ summary, results }: Procedure, returned: State): void {
    const left = results & (summary.writes | summary.changes);
    for (const site of sitesIn(returned, left)) this.#escapes.lost(site);
    if (!this.#bounds) return;
    // A caller in hyp code, which is not followed, may branch to the result plus a number.
    for (const site of sitesIn(returned, left & RESULTS))
      this.#escapes.lost({ ...site, inexact: true }, 'target');
  }

  /** It is called by the host only, or in a way that is not seen. */
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
      // One procedure until it is done, then those that it calls, then those to which they return.
      const procedure = this.#pending.first;
      if (procedure) {
        for (let pc = procedure.takeDue(); pc !== undefined; pc = procedure.takeDue()) {
          this.#stretch(procedure, pc);
        }
        this.#pending.drop();
        continue;
      }
      const back = this.#returning.first;
      if (!back) return;
      this.#returning.drop();
      for (const call of back.callers) this.#comeBack(call, back);
    }
  }

  /** All that a procedure executes, with what is known there at the end of the walk. */
  *visits(procedure: Procedure, sink: AddressSink): Generator<Visit> {
    for (const { place, state: known } of procedure.states.all()) {
      let state: State | null = known;
      for (let pc = place; state; pc += 4) {
        const { transfers }: Step = this.stepper.at(pc, state, sink);
        yield { pc, transfers };
        state = null;
        for (const transfer of transfers) {
          if (!this.#isStraight(procedure, pc, transfer)) continue;
          state = state ? joinStates(state, transfer.state, sink) : transfer.state;
        }
        if (procedure.states.at(pc + 4)) break;
      }
    }
  }

  /**
   * From a place that keeps a state to the next one, or to where control does not go on. In between, control comes only
   * from the instruction before, so no state has to be kept.
   */
  #stretch(procedure: Procedure, start: Address): void {
    let state = procedure.states.at(start)?.state ?? null;
    for (let pc = start; state; pc += 4) {
      this.reached.add(pc);
      const straight = this.stepper.straight(pc, state, this.#escapes);
      if (straight) {
        this.#effort.spend(1);
        this.executed.add(pc);
        state = this.#goStraight(procedure, pc, straight);
        continue;
      }
      const { transfers, executed } = this.stepper.at(pc, state, this.#escapes);
      this.#effort.spend(Math.max(executed?.length ?? 1, transfers.length));
      if (executed === null) this.executed.add(pc);
      else for (const address of executed) this.executed.add(address);
      state = null;
      // By index: this is the innermost loop of all.
      for (let index = 0; index < transfers.length; index++) {
        const transfer = transfers[index] as Transfer;
        if (this.#isStraight(procedure, pc, transfer)) {
          state = state ? joinStates(state, transfer.state, this.#escapes) : transfer.state;
        } else this.#follow(procedure, pc, transfer);
      }
      if (state && this.#keepsState(procedure, pc + 4)) {
        this.#join(procedure, pc + 4, state);
        return;
      }
    }
  }

  /** To the next instruction: its state, or null if the stretch ends here. */
  #goStraight(procedure: Procedure, pc: Address, state: State): State | null {
    if (!this.#stays(procedure, pc, pc + 4)) this.#go(procedure, pc, pc + 4, state);
    else if (this.#keepsState(procedure, pc + 4)) this.#join(procedure, pc + 4, state);
    else return state;
    return null;
  }

  /** Control arrives there from elsewhere, too. */
  #keepsState(procedure: Procedure, pc: Address): boolean {
    return procedure.states.at(pc) !== undefined || this.code.isJoint(pc);
  }

  /** To the next instruction, within the same procedure. */
  #isStraight(procedure: Procedure, pc: Address, transfer: Transfer): transfer is Transfer & { kind: 'go' } {
    return transfer.kind === 'go' && transfer.to === pc + 4 && this.#stays(procedure, pc, transfer.to);
  }

  /** Whether an instruction belongs to the procedure that reaches it. */
  #stays(procedure: Procedure, from: Address, to: Address): boolean {
    return (
      to !== procedure.entry &&
      this.#goesInto(to) &&
      !this.code.isEntry(to) &&
      !this.#vectors.has(to) &&
      (this.#bounds === null || this.#isSameFunction(from, to)) &&
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
    // What is not code here may still be a function of an object that is not among the inputs.
    else if (this.#goesInto(to) || this.code.space.nameOf(to) !== null) {
      this.#call(procedure, from, to, state, null);
    } else if (isAstray(this.code, this.stepper.tables, from, to)) this.astray.add(from);
  }

  /** Data among hyp code is followed, and remembered. */
  #goesInto(to: Address): boolean {
    if (this.code.isCode(to)) return true;
    if (!isRunnableData(this.code, to)) return false;
    this.data.add(to);
    return true;
  }

  #call(procedure: Procedure, at: Address, to: Address | null, state: State, returnTo: Address | null): void {
    if (to !== null) this.#bounds?.called.add(to);
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

  /** A call of a function that is not known, not here, or not followed. */
  #callUnseen(call: Call, to: Address | null): void {
    const summary = to === null ? conventionalSummary : this.stepper.summaries.of(to);
    const { code } = this;
    const isHypHere = to !== null && code.isCode(to) && code.isHyp(to);
    if (this.#bounds && isHypHere)
      this.#bounds.loses ||= sitesIn(call.state, summary.reads | summary.changes).some(({ target }) =>
        code.isHyp(target),
      );
    loseArguments(call.state, this.#escapes, summary);
    if (to !== null) {
      const isHyp = this.code.isCode(to) ? this.code.isHyp(to) : null;
      if (neverReturns(this.code.nameOf(to) ?? '', isHyp)) return;
      // From one part of a host function into another: f to f.cold.
      if (call.returnTo === null && this.code.isSameSource(call.at, to))
        this.enter(to, { kind: 'host-function' });
    }
    this.#resume(call, isHypHere ? maybeKept(summary, call.state) : nothingKnown, summary, false);
  }

  /** Its return address is saved, so an ERET in it, or in what it branches to, may lead back to the caller. */
  #keepLink(procedure: Procedure): void {
    if (procedure.keepsLink) return;
    procedure.keepsLink = true;
    for (const { place } of procedure.states.all()) this.#lookAt(procedure, place);
  }

  #comeBack(call: Call, { returned, summary, root }: Procedure): void {
    if (returned) this.#resume(call, returned, summary, root === null);
  }

  #resume({ caller, at, returnTo, state }: Call, returned: State, summary: RegisterSummary, isSeen: boolean) {
    const after = stateBehind(state, returned, summary, isSeen);
    if (returnTo === null) this.#return(caller, after);
    else this.#go(caller, at, returnTo, after);
    // It computed its return address: nobody knows how far from the call it returns.
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

  /** Target unknown: any instruction of the function, or out of it to a function whose address was taken. */
  #goAnywhere(procedure: Procedure, pc: Address, state: State): void {
    loseArguments(state, this.#escapes);
    this.#everywhere(procedure, pc, weakenState(state));
    this.#return(procedure, nothingKnown);
  }

  /** All that comes to every instruction is joined first: each of them would be joined with all of it. */
  #everywhere(procedure: Procedure, around: Address, state: State): void {
    const { start } = this.code.extentAt(around);
    // If nothing is known at any instruction already, there is nothing left to give up.
    const key = `${procedure.key} ${start}`;
    if (this.#flooded.has(key)) return;
    const before = this.#anywhere.get(key);
    const all = before ? joinStates(before.state, state, this.#escapes) : state;
    if (all === before?.state) return;
    const changes = before ? before.changes + 1 : 0;
    const isGivenUp = changes > MOST_CHANGES || (all.known === 0 && all.flags === null);
    if (isGivenUp) {
      for (const site of sitesIn(all, GENERAL)) this.#escapes.lost(site);
      this.#flooded.add(key);
    }
    const brought = isGivenUp ? nothingKnown : all;
    this.#anywhere.set(key, { state: brought, changes });
    for (const pc of instructionsAround(this.code, this.stepper.tables, around))
      this.#join(procedure, pc, brought);
  }

  #join(procedure: Procedure, pc: Address, state: State): void {
    this.#effort.spend(stepCosts.broughtState);
    const change = procedure.join(pc, state, this.#escapes);
    if (change === null) return;
    this.#pending.add(procedure);
    if (change === 'first') this.#lookAgainBefore(procedure, pc);
  }

  #lookAt(procedure: Procedure, pc: Address): void {
    procedure.lookAt(pc);
    this.#pending.add(procedure);
  }

  /** A place keeps a state from now on: a stretch that ran over it has to end there, and be joined. */
  #lookAgainBefore(procedure: Procedure, place: Address): void {
    for (let pc = place; this.reached.has(pc) && this.#stays(procedure, pc - 4, pc); ) {
      pc -= 4;
      this.#effort.spend(stepCosts.lookBack);
      if (!procedure.states.at(pc)) continue;
      this.#lookAt(procedure, pc);
      return;
    }
  }
}
