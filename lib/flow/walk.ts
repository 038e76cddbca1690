// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All that can be executed from a set of entry points: a work list over
// procedures. What is known at a place only ever becomes less, and what is
// reached only ever more, until nothing changes.
//
// A procedure is what is executed from one entry until it returns, calls
// stepped over; running or branching into another symbol is a call that
// returns on its behalf. So that code behind a call is reached only once the
// callee is seen to return, callers wait for it: functions that never return
// need no list.
//
// Odd: host functions that hyp code calls are followed if they are small, for
// what they return (has_vhe() out of line), each once for every set of constant
// arguments. What a call leaves of the registers its callee's summary says.

import { sourceName } from '../link/symbol-names.js';
import { AddressSet } from './address-set.js';
import { Agenda } from './agenda.js';
import type { Code } from './code.js';
import { loseArguments, type Transfer } from './execute.js';
import { neverReturns } from './noreturn.js';
import {
  conventionalSummary,
  RESULTS,
  type RegisterSummaries,
  type RegisterSummary,
} from './register-summary.js';
import { vectorSlots } from './roots.js';
import {
  joinStates,
  makeState,
  nothingKnown,
  REGISTERS,
  type State,
  sitesIn,
  weakenState,
  without,
} from './state.js';
import type { Step, Stepper } from './step.js';
import {
  type Address,
  type AddressSink,
  constantOf,
  makeBits,
  makePlaces,
  type Site,
  sameSite,
  sameValue,
  sitesOf,
  type Value,
} from './values.js';

/** Bytes of a host function that is followed for what it returns. */
const MAX_HELPER = 256;
/** Calls from the function that is asked about to one that is followed: has_vhe() out of line needs four. */
const MAX_DEPTH = 5;
/** Sets of constant arguments that a host function is followed for. */
const MAX_CONTEXTS = 8;

/** A call, or (`returnTo` null) a branch to a function that returns to somebody else. */
export interface Call {
  readonly caller: Procedure;
  readonly at: Address;
  readonly returnTo: Address | null;
  /** At the call. */
  state: State;
}

/** Why something is an entry point. */
export type RootCause =
  /** Named by something that hyp code does not see: `at` is where, if it is an instruction or a slot. */
  | { readonly kind: 'address'; readonly at: Address }
  | { readonly kind: 'global' | 'vector' | 'host-function' | 'host-call' };

/** An instruction that a procedure executes, and where control goes from it. */
export interface Visit {
  readonly pc: Address;
  readonly transfers: readonly Transfer[];
}

export class Procedure {
  /** Unique in a walk. */
  readonly key: string;
  readonly entry: Address;
  /** 0: followed for itself; else a host function followed for its result, by so many calls. */
  readonly depth: number;
  /** It is known by its name not to come back. */
  readonly isFinal: boolean;
  /** What it does to registers. */
  readonly summary: RegisterSummary;
  /** What is known at the entry and wherever control may come two ways. */
  readonly states = new Map<Address, State>();
  readonly callers: Call[] = [];
  /** The way back to its caller may be kept in memory, by itself or by what it was branched to from. */
  keepsLink: boolean;
  /** It has an ERET, which comes back to the caller if the link is kept. */
  leaves = false;
  /** How it comes back, or null as long as it does not. */
  returned: State | null = null;
  root: RootCause | null = null;
  /** How often something was found out anew, by place. */
  readonly joins = new Map<Address, number>();
  /** What has to be looked at. */
  readonly agenda = new Agenda();
  readonly callKeys = new Map<string, Call>();

  constructor(key: string, entry: Address, depth: number, isFinal: boolean, summary: RegisterSummary) {
    this.key = key;
    this.isFinal = isFinal;
    this.summary = summary;
    this.keepsLink = summary.keepsLink;
    this.entry = entry;
    this.depth = depth;
  }
}

/** So often what is known of a number may become less at one place; counters in loops would go on for long. */
const PATIENCE = 3;
/** So often new addresses may come to one place: one that a loop steps on through a table would never end. */
const PATIENCE_WITH_ADDRESSES = 16;

const LINK = 30;
/** x0 to x18 are. */
const CALLER_SAVED = 19;
/** What an HVC of the host gives back: kvm_call_hyp() returns one number (arch/arm64/include/asm/kvm_host.h, 4.16 to 5.8). */
const HOST_RESULTS = 1;
/** x0 to x29, as a mask. */
const BELOW_LINK = 0x3fffffff;

export class Walk {
  readonly stepper: Stepper;
  readonly code: Code;
  /** Every word that is executed. */
  readonly executed: AddressSet;
  /** Every place whose state was computed: instructions, by where they are executed. */
  readonly reached: AddressSet;
  /** Places that form an address which is used. */
  readonly used: AddressSet;
  readonly #procedures = new Map<string, Procedure>();
  readonly #contexts = new Map<Address, number>();
  readonly #pending = new Set<Procedure>();
  readonly #returning = new Set<Procedure>();
  /** Procedures and functions in them that may be entered anywhere, with nothing known. */
  readonly #flooded = new Set<string>();
  /** Runs of data among hyp code whose pointers are entries. */
  readonly #opened = new Set<Address>();
  readonly #sink: AddressSink;
  readonly #followsHyp: boolean;
  readonly #summaries: RegisterSummaries;

  /** `followsHyp`: else calls into hyp code just come back; for questions about host functions. */
  constructor(stepper: Stepper, followsHyp: boolean) {
    this.stepper = stepper;
    this.#followsHyp = followsHyp;
    this.#summaries = stepper.summaries;
    this.code = stepper.code;
    this.executed = new AddressSet(this.code.space);
    this.reached = new AddressSet(this.code.space);
    this.used = new AddressSet(this.code.space);
    this.#sink = {
      used: (site) => this.#use(site),
      lost: (site, as) => this.#lose(site, as ?? 'data'),
    };
  }

  get procedures(): Iterable<Procedure> {
    return this.#procedures.values();
  }

  procedureOf(key: string): Procedure | undefined {
    return this.#procedures.get(key);
  }

  /** Makes an address an entry point; run() then follows it. */
  enter(address: Address, cause: RootCause): void {
    if (!this.code.isCode(address)) return;
    const procedure = this.#procedureAt(`${address}`, address, 0);
    if (this.#makeRoot(procedure, cause)) this.#joinEntry(procedure, nothingKnown);
  }

  /** Whether it was none before. */
  #makeRoot(procedure: Procedure, cause: RootCause): boolean {
    if (procedure.root) return false;
    procedure.root = cause;
    if (procedure.returned) {
      this.#loseResult(procedure, cause, procedure.returned);
      this.#returning.add(procedure);
    }
    return true;
  }

  /** The result goes to a caller that is not seen. */
  #loseResult({ summary }: Procedure, cause: RootCause, returned: State): void {
    const results = this.#isOfHost(cause) ? HOST_RESULTS : RESULTS;
    for (const site of sitesIn(returned, results & summary.writes)) this.#lose(site, 'data');
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
      const { returned } = back;
      if (returned) for (const call of back.callers) this.#resume(call, returned, back.summary, !back.root);
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

  /** The procedure that a call at a place goes to, as #call() finds it; null where it is not followed. */
  calleeOf(to: Address | null, state: State): Procedure | null {
    const key = to === null ? null : this.#keyOf(to, state, null);
    return key === null ? null : (this.#procedures.get(key) ?? null);
  }

  #procedureAt(key: string, entry: Address, depth: number): Procedure {
    const known = this.#procedures.get(key);
    if (known) return known;
    const isFinal = neverReturns(this.code.nameOf(entry) ?? '', this.code.isHyp(entry));
    const procedure = new Procedure(key, entry, depth, isFinal, this.#summaries.of(entry));
    this.#procedures.set(key, procedure);
    return procedure;
  }

  /**
   * From a place whose state is kept to the next one, or to where control does not go on: between them control comes
   * only from the instruction before, so nothing has to be kept.
   */
  #stretch(procedure: Procedure, start: Address): void {
    let state = procedure.states.get(start) ?? null;
    for (let pc = start; state; pc += 4) {
      this.reached.add(pc);
      const { transfers, executed } = this.stepper.at(pc, state, this.#sink);
      for (const address of executed) this.executed.add(address);
      state = null;
      for (const transfer of transfers) {
        if (this.#isStraight(procedure, pc, transfer)) {
          state = state ? joinStates(state, transfer.state, this.#sink) : transfer.state;
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
      this.code.isCode(to) &&
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
        procedure.leaves = true;
        if (procedure.keepsLink) this.#return(procedure, transfer.state);
        break;
      default:
        transfer satisfies never;
    }
  }

  #go(procedure: Procedure, from: Address, to: Address, state: State): void {
    if (to === procedure.entry) this.#joinEntry(procedure, state);
    else if (this.#stays(procedure, from, to)) this.#join(procedure, to, state);
    // Into data nobody goes; what is no code may still be a function of an object that is not here.
    else if (this.code.isCode(to) || this.code.space.nameOf(to) !== null) {
      this.#call(procedure, from, to, state, null);
    }
  }

  #call(procedure: Procedure, at: Address, to: Address | null, state: State, returnTo: Address | null): void {
    const key = to === null ? null : this.#keyOf(to, state, procedure.depth);
    if (to === null || key === null) {
      const summary = to === null ? conventionalSummary : this.#summaries.of(to);
      loseArguments(state, summary.reads, this.#sink);
      const name = to === null ? null : this.code.nameOf(to);
      if (
        name !== null &&
        neverReturns(name, to !== null && this.code.isCode(to) ? this.code.isHyp(to) : null)
      )
        return;
      if (to !== null && returnTo === null && this.#isPart(at, to)) this.enter(to, { kind: 'host-function' });
      this.#resume({ caller: procedure, at, returnTo, state }, nothingKnown, summary, false);
      return;
    }
    const callee = this.#procedureAt(key, to, this.code.isHyp(to) ? 0 : procedure.depth + 1);
    const callKey = `${procedure.key} ${at} ${returnTo}`;
    let call = callee.callKeys.get(callKey);
    if (call) call.state = joinStates(call.state, state, this.#sink);
    else {
      call = { caller: procedure, at, returnTo, state };
      callee.callKeys.set(callKey, call);
      callee.callers.push(call);
    }
    if (returnTo === null && procedure.keepsLink) this.#keepLink(callee);
    this.#joinEntry(
      callee,
      this.code.isHyp(to) ? passedTo(callee, state, returnTo !== null) : this.#argumentsOf(callee, state),
    );
    if (callee.returned) this.#resume(call, callee.returned, callee.summary, !callee.root);
  }

  /** What branches here keeps the link, so that this one's ERET may come back; and what it branches to in its turn. */
  #keepLink(procedure: Procedure): void {
    if (procedure.keepsLink) return;
    procedure.keepsLink = true;
    for (const place of procedure.states.keys()) this.#lookAt(procedure, place);
  }

  /**
   * The procedure's key where a call is followed. A host function is one for each set of constant arguments, and
   * none where it is large or called in too many ways.
   */
  #keyOf(to: Address, state: State, depth: number | null): string | null {
    if (!this.code.isCode(to)) return null;
    if (this.code.isHyp(to)) return this.#followsHyp ? `${to}` : null;
    const { start, end } = this.code.extentAt(to);
    if (end - start > MAX_HELPER || !this.code.isEntry(to)) return null;
    const name = this.code.nameOf(to);
    if (name !== null && neverReturns(name, false)) return null;
    const key = `${to}(${state.registers.slice(0, 8).map(argumentKey).join()})`;
    if (this.#procedures.has(key) || depth === null) return key;
    if (depth >= MAX_DEPTH) return null;
    const contexts = (this.#contexts.get(to) ?? 0) + 1;
    this.#contexts.set(to, contexts);
    return contexts > MAX_CONTEXTS ? null : key;
  }

  /** A branch from one part of a host function into another, which is a function of its own to the linker: f.cold. */
  #isPart(from: Address, to: Address): boolean {
    const here = this.code.nameOf(from);
    const there = this.code.nameOf(to);
    return here !== null && there !== null && sourceName(here) === sourceName(there);
  }

  /** What a host function may know of its caller. */
  #argumentsOf({ summary }: Procedure, state: State): State {
    const registers: Value[] = state.registers.map((value, register) => {
      if (register < 8 && argumentKey(value) !== '') return value;
      if (summary.reads & (1 << register)) for (const site of sitesOf(value)) this.#lose(site, 'data');
      return null;
    });
    return makeState(registers, null);
  }

  /**
   * Behind a call: what the callee may have written is what it returns, the rest is as it was. That a callee leaves a
   * number in a caller-saved register alone only a caller relies on that sees it, so of a function that others may call
   * (not `isSeen`) no number is kept. Addresses stay possible: forgetting one would hide its use.
   */
  #resume(
    { caller, at, returnTo, state }: Call,
    returned: State,
    { writes, changes, movesLink }: RegisterSummary,
    isSeen: boolean,
  ): void {
    const registers: Value[] = [];
    for (let register = 0; register < REGISTERS; register++) {
      const isCallees = ((writes | changes) & (1 << register)) !== 0;
      const value = (isCallees ? returned : state).registers[register] ?? null;
      const isKept = isCallees || isSeen || register >= CALLER_SAVED || value?.kind === 'places';
      // A callee's copies are copies of one another; a caller's mark of the same place is of another time.
      registers.push(register === LINK || !isKept ? null : unmarked(value));
    }
    const after = makeState(registers, null);
    if (returnTo === null) this.#return(caller, after);
    else this.#go(caller, at, returnTo, after);
    // It computed the way back: who knows how far from where it was to come back.
    if (movesLink) this.#everywhere(caller, at, nothingKnown);
  }

  #return(procedure: Procedure, state: State): void {
    if (procedure.isFinal) return;
    const { writes, changes } = procedure.summary;
    const registers = state.registers.map((value, register) =>
      (writes | changes) & (1 << register) ? value : null,
    );
    const result = makeState(registers, null);
    const joined = procedure.returned ? joinStates(procedure.returned, result, this.#sink) : result;
    if (joined === procedure.returned) return;
    procedure.returned = joined;
    if (procedure.root) this.#loseResult(procedure, procedure.root, joined);
    this.#returning.add(procedure);
  }

  /** Nobody knows where: any instruction of the function, and out of it by a function whose address was taken. */
  #goAnywhere(procedure: Procedure, pc: Address, state: State): void {
    loseArguments(state, conventionalSummary.reads, this.#sink);
    this.#everywhere(procedure, pc, weakenState(state));
    this.#return(procedure, nothingKnown);
  }

  #everywhere(procedure: Procedure, around: Address, state: State): void {
    const { start, end } = this.code.extentAt(around);
    // Where nothing is known of any instruction already, there is nothing left to give up.
    const key = `${procedure.key} ${start}`;
    if (this.#flooded.has(key)) return;
    if (state === nothingKnown) this.#flooded.add(key);
    for (let pc = start; pc < end; pc += 4) {
      if (!this.code.isCode(pc)) continue;
      if (pc !== procedure.entry) this.#join(procedure, pc, state);
      else this.#joinEntry(procedure, state);
    }
  }

  /** An address was read from, or went where it is not followed: of data among hyp code, each pointer may be taken. */
  #use(site: Site): void {
    this.used.add(site.at);
    if (!this.#followsHyp || this.code.isCode(site.target) || !this.code.isHyp(site.target)) return;
    const { start, end } = this.code.dataAround(site.target);
    if (this.#opened.has(start)) return;
    this.#opened.add(start);
    for (let at = start; at < end; at += 4) {
      const patched = this.code.patchedAt(at);
      if (patched?.kind === 'absolute') this.enter(patched.target, { kind: 'address', at: site.at });
    }
  }

  /** An address went where it is not followed: who knows, it is branched to. */
  #lose(site: Site, as: 'data' | 'target' | 'vectors'): void {
    this.#use(site);
    if (!this.#followsHyp || !this.code.isHyp(site.target)) return;
    const { start, end } = this.code.extentAt(site.target);
    // kvm_ksym_ref(f), lm_alias(f): what is added to another function's address makes it the same function's address in
    // another address space. What is added to that of a label may be the distance to where control goes.
    const isWhole =
      as !== 'target' && (site.at < start || site.at >= end) && this.code.isFunctionStart(site.target);
    if (site.inexact && !isWhole) {
      const procedure = this.#procedureAt(`${start}`, start, 0);
      this.#makeRoot(procedure, { kind: 'address', at: site.at });
      this.#everywhere(procedure, site.target, nothingKnown);
    }
    this.enter(site.target, { kind: 'address', at: site.at });
    // It is in VBAR_EL2, or may have gone there.
    const isTable = as === 'vectors';
    for (const slot of vectorSlots(this.code.space, site.target, isTable))
      this.enter(slot, { kind: 'vector' });
  }

  #join(procedure: Procedure, pc: Address, state: State): void {
    const before = procedure.states.get(pc);
    if (!before) {
      this.#update(procedure, pc, before, state);
      return;
    }
    const joined = joinStates(before, state, this.#sink);
    if (joined === before) return;
    const known = countJoin(procedure, pc) > PATIENCE ? giveUpNumbers(before, joined) : joined;
    this.#update(procedure, pc, before, this.#giveUpAddresses(procedure, pc, before, known));
  }

  /** Callers differ in many constants; which ones is of no use, so all are given up at once. */
  #joinEntry(procedure: Procedure, state: State): void {
    const before = procedure.states.get(procedure.entry);
    const joined = before ? joinStates(before, state, this.#sink) : state;
    if (joined === before) return;
    if (!before) {
      this.#update(procedure, procedure.entry, before, joined);
      return;
    }
    countJoin(procedure, procedure.entry);
    const known = giveUpNumbers(before, joined);
    this.#update(
      procedure,
      procedure.entry,
      before,
      this.#giveUpAddresses(procedure, procedure.entry, before, known),
    );
  }

  /** Addresses that come to a place after so many others count as gone. */
  #giveUpAddresses({ joins }: Procedure, pc: Address, before: State, after: State): State {
    if ((joins.get(pc) ?? 0) <= PATIENCE_WITH_ADDRESSES) return after;
    const registers = after.registers.map((value, register): Value => {
      if (value?.kind !== 'places') return value;
      const kept = sitesOf(before.registers[register] ?? null);
      const isKept = (site: Site): boolean => kept.some((one) => sameSite(one, site));
      for (const site of value.sites) if (!isKept(site)) this.#lose(site, 'data');
      return makePlaces(value.sites.filter(isKept), true);
    });
    return joinStates(before, makeState(registers, after.flags), this.#sink);
  }

  #update(procedure: Procedure, pc: Address, before: State | undefined, after: State): void {
    if (before === after) return;
    procedure.states.set(pc, after);
    this.#lookAt(procedure, pc);
    if (!before) this.#lookAgainBefore(procedure, pc);
  }

  #lookAt(procedure: Procedure, pc: Address): void {
    procedure.agenda.add(pc);
    this.#pending.add(procedure);
  }

  /** A place is kept from now on: a stretch that ran over it before has to stop there, and be joined. */
  #lookAgainBefore(procedure: Procedure, place: Address): void {
    for (let pc = place; this.reached.has(pc) && this.#stays(procedure, pc - 4, pc); ) {
      pc -= 4;
      if (!procedure.states.has(pc)) continue;
      this.#lookAt(procedure, pc);
      return;
    }
  }
}

/** What a callee may read of the registers; what it only keeps for its caller is none of its business. */
const passedTo = ({ summary }: Procedure, state: State, isCall: boolean): State => {
  const { reads, changes } = summary;
  return without(state, (BELOW_LINK & ~(reads | changes)) | (isCall ? 1 << LINK : 0));
};

/** How often something was found out anew at a place, this time included. */
const countJoin = ({ joins }: Procedure, pc: Address): number => {
  const count = (joins.get(pc) ?? 0) + 1;
  joins.set(pc, count);
  return count;
};

/** Numbers that changed are given up: they change again. */
const giveUpNumbers = (before: State, after: State): State =>
  makeState(
    after.registers.map((value, register) =>
      value?.kind === 'bits' && !sameValue(value, before.registers[register] ?? null) ? null : value,
    ),
    after.flags,
  );

/** The value without the mark that makes it the same as another register's. */
const unmarked = (value: Value): Value =>
  value?.kind === 'bits' && value.copy !== null
    ? makeBits(value.zeros, value.ones, value.max, value.lowMax)
    : value;

/** A constant argument in a key; '' for what is not constant. */
const argumentKey = (value: Value): string => {
  const number = constantOf(value);
  if (number !== null) return `#${number}`;
  const [site, second] = value?.kind === 'places' && !value.others ? value.sites : [];
  return site && !second && !site.inexact ? `@${site.target}.${site.at}` : '';
};
