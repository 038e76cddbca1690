// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The code executed from one entry until it returns, stepping over calls, and
// what is known there. A state is kept at the entry and wherever control may
// arrive from two places. What arrives is joined with what arrived before, and
// widened: what keeps changing becomes unknown, so that loops end.
//
//         mov  x0, #0
//     1:  add  x0, x0, #1    // x0 is 1, then 1 or 2, then 1 to 3, ...: unknown
//         b    1b

import { Agenda } from './agenda.js';
import { type Kept, KeptStates } from './kept-states.js';
import { joinStates, makeState, registersOf, type State, valueIn, withFlags } from './state.js';
import type { RegisterSummary } from './summary.js';
import {
  type Address,
  type AddressSink,
  makePlaces,
  type Site,
  sameSite,
  sameValue,
  sitesOf,
  type Value,
} from './values.js';

/** A call; or, with `returnTo` null, a branch to a function that returns to the caller's caller (a tail call). */
export interface Call {
  readonly caller: Procedure;
  readonly at: Address;
  readonly returnTo: Address | null;
  /** At the call, joined over all the ways to it; without flags, which no call leaves as they are. */
  state: State;
}

/** Why something is an entry point. */
export type RootCause =
  /** Named by something other than executed hyp code; `at`: that instruction or slot of data. */
  | { readonly kind: 'address'; readonly at: Address }
  | { readonly kind: 'global' | 'vector' | 'host-function' | 'host-call' };

/** How often knowledge about numbers may shrink at one place before widening: loop counters would go on for long. */
const PATIENCE = 3;
/** The same at the entry: most callers pass one of two numbers, or many different ones, none of which matters. */
const PATIENCE_AT_ENTRY = 1;
/** How often new addresses may arrive at one place: a loop that steps a pointer through a table would never end. */
const PATIENCE_WITH_ADDRESSES = 16;

export class Procedure {
  /** Unique in a walk. */
  readonly key: string;
  readonly entry: Address;
  /** 0: hyp code, or a root; else a host function followed for its result, so many calls deep. */
  readonly depth: number;
  /** Its name says that it does not return. */
  readonly isFinal: boolean;
  readonly summary: RegisterSummary;
  /** What is known at the entry and wherever control may arrive from two places. */
  readonly states = new KeptStates();
  /** Places whose state has changed since they were last interpreted; null: none. */
  #agenda: Agenda | null = null;
  #callers: readonly Call[] = noCalls;
  /** Them by key, once they are many. */
  #calls: Map<string, Call> | null = null;
  /** Its return address may have been saved to memory, by itself or by what branched to it. */
  keepsLink: boolean;
  /** The state in which it returns; null as long as no return was seen. */
  returned: State | null = null;
  root: RootCause | null = null;
  /** Registers in which unseen callers take its result, as a mask; 0: there are no such callers. */
  results = 0;

  constructor(key: string, entry: Address, depth: number, isFinal: boolean, summary: RegisterSummary) {
    this.key = key;
    this.entry = entry;
    this.depth = depth;
    this.isFinal = isFinal;
    this.summary = summary;
    this.keepsLink = summary.keepsLink;
  }

  get callers(): readonly Call[] {
    return this.#callers;
  }

  /** Records a call of this procedure. States of the same call are joined. */
  calledBy(caller: Procedure, at: Address, returnTo: Address | null, state: State, sink: AddressSink): Call {
    const known = this.#callFrom(caller, at, returnTo);
    const kept = withFlags(state, null);
    if (known) {
      known.state = joinStates(known.state, kept, sink);
      return known;
    }
    const call: Call = { caller, at, returnTo, state: kept };
    this.#calls?.set(keyOf(call), call);
    // Most have one or two, for which an array that grows has room for sixteen more.
    if (this.#callers.length < FEW_CALLS) this.#callers = this.#callers.concat([call]);
    else (this.#callers as Call[]).push(call);
    return call;
  }

  #callFrom(caller: Procedure, at: Address, returnTo: Address | null): Call | undefined {
    if (this.#callers.length < FEW_CALLS)
      return this.#callers.find((one) => one.at === at && one.caller === caller && one.returnTo === returnTo);
    this.#calls ??= new Map(this.#callers.map((call) => [keyOf(call), call]));
    return this.#calls.get(keyOf({ caller, at, returnTo }));
  }

  /** A place has to be interpreted (again). */
  lookAt(pc: Address): void {
    this.#agenda ??= new Agenda();
    this.#agenda.add(pc);
  }

  /** The lowest place that has to be interpreted, and no longer has to be; undefined if there is none. */
  takeDue(): Address | undefined {
    const place = this.#agenda?.take();
    // A large link has ten thousands of procedures, of which few have to do at a time.
    if (place === undefined) this.#agenda = null;
    return place;
  }

  /** Control arrives at a place; null: nothing new is learnt there. */
  join(pc: Address, state: State, sink: AddressSink): 'first' | 'again' | null {
    const kept = this.states.at(pc);
    if (!kept) this.states.add(pc, state);
    else {
      const after = this.#widen(kept, joinStates(kept.state, state, sink), sink);
      if (after === kept.state) return null;
      kept.state = after;
    }
    this.lookAt(pc);
    return kept ? 'again' : 'first';
  }

  #widen(kept: Kept, joined: State, sink: AddressSink): State {
    const { state: before, place } = kept;
    if (joined === before) return before;
    kept.changes++;
    const { changes } = kept;
    const patience = place === this.entry ? PATIENCE_AT_ENTRY : PATIENCE;
    const known = changes <= patience ? joined : withoutNumbers(before, joined);
    return changes <= PATIENCE_WITH_ADDRESSES ? known : withoutAddresses(before, known, sink);
  }
}

const noCalls: readonly Call[] = [];

/** Up to so many callers are looked through. */
const FEW_CALLS = 8;

const keyOf = ({ caller, at, returnTo }: Omit<Call, 'state'>): string => `${caller.key} ${at} ${returnTo}`;

/** Numbers that changed are given up: they will change again. */
const withoutNumbers = (before: State, after: State): State =>
  makeState(
    registersOf(after).map((value, register) =>
      value?.kind === 'bits' && !sameValue(value, valueIn(before, register)) ? null : value,
    ),
    after.flags,
    after.stack,
  );

/** Addresses that arrive at a place after too many others escape. */
const withoutAddresses = (before: State, after: State, sink: AddressSink): State => {
  const registers = registersOf(after).map((value, register): Value => {
    if (value?.kind !== 'places') return value;
    const kept = sitesOf(valueIn(before, register));
    const isKept = (site: Site): boolean => kept.some((one) => sameSite(one, site));
    for (const site of value.sites) if (!isKept(site)) sink.lost(site);
    return makePlaces(value.sites.filter(isKept), true);
  });
  return joinStates(before, makeState(registers, after.flags, after.stack), sink);
};
