// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is executed from one entry until it returns, calls stepped over, and what
// is known there. A state is kept at the entry and at every meeting point; what
// comes to one is joined with what came before, and widened: what changes again
// and again is given up, so that loops end.

import { Agenda } from './agenda.js';
import type { RegisterSummary } from './register-summary.js';
import { joinStates, makeState, type State } from './state.js';
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

/** A call, or (`returnTo` null) a branch to a function that returns to somebody else. */
export interface Call {
  readonly caller: Procedure;
  readonly at: Address;
  readonly returnTo: Address | null;
  /** At the call, whichever way control came there. */
  state: State;
}

/** Why something is an entry point. */
export type RootCause =
  /** Named by something that hyp code does not see: `at` is where, if it is an instruction or a slot. */
  | { readonly kind: 'address'; readonly at: Address }
  | { readonly kind: 'global' | 'vector' | 'host-function' | 'host-call' };

/** So often what is known of a number may become less at one place; counters in loops would go on for long. */
const PATIENCE = 3;
/** So often new addresses may come to one place: one that a loop steps on through a table would never end. */
const PATIENCE_WITH_ADDRESSES = 16;

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
  /** Places whose state has become less since they were looked at. */
  readonly agenda = new Agenda();
  readonly callers: Call[] = [];
  readonly #calls = new Map<string, Call>();
  /** The way back to its caller may be kept in memory, by itself or by what it was branched to from. */
  keepsLink: boolean;
  /** How it comes back, or null as long as it does not. */
  returned: State | null = null;
  root: RootCause | null = null;
  /** Registers that callers who are not seen take its result from, as a mask; 0: there are none. */
  results = 0;
  /** How often something was found out anew, by place. */
  readonly #joins = new Map<Address, number>();

  constructor(key: string, entry: Address, depth: number, isFinal: boolean, summary: RegisterSummary) {
    this.key = key;
    this.entry = entry;
    this.depth = depth;
    this.isFinal = isFinal;
    this.summary = summary;
    this.keepsLink = summary.keepsLink;
  }

  /** Records a call of this procedure. Of one that is made in several ways the states are joined. */
  calledBy(caller: Procedure, at: Address, returnTo: Address | null, state: State, sink: AddressSink): Call {
    const key = `${caller.key} ${at} ${returnTo}`;
    const known = this.#calls.get(key);
    if (known) {
      known.state = joinStates(known.state, state, sink);
      return known;
    }
    const call: Call = { caller, at, returnTo, state };
    this.#calls.set(key, call);
    this.callers.push(call);
    return call;
  }

  /** Control comes to a place: null where nothing is new about that. */
  join(pc: Address, state: State, sink: AddressSink): 'first' | 'again' | null {
    const before = this.states.get(pc);
    const after = before ? this.#widen(pc, before, joinStates(before, state, sink), sink) : state;
    if (after === before) return null;
    this.states.set(pc, after);
    this.agenda.add(pc);
    return before ? 'again' : 'first';
  }

  #widen(pc: Address, before: State, joined: State, sink: AddressSink): State {
    if (joined === before) return before;
    const count = (this.#joins.get(pc) ?? 0) + 1;
    this.#joins.set(pc, count);
    // Callers differ in many constants; which ones is of no use, so at the entry all are given up at once.
    const isPatient = pc !== this.entry && count <= PATIENCE;
    const known = isPatient ? joined : withoutNumbers(before, joined);
    return count <= PATIENCE_WITH_ADDRESSES ? known : withoutAddresses(before, known, sink);
  }
}

/** Numbers that changed are given up: they change again. */
const withoutNumbers = (before: State, after: State): State =>
  makeState(
    after.registers.map((value, register) =>
      value?.kind === 'bits' && !sameValue(value, before.registers[register] ?? null) ? null : value,
    ),
    after.flags,
  );

/** Addresses that come to a place after so many others count as escaped. */
const withoutAddresses = (before: State, after: State, sink: AddressSink): State => {
  const registers = after.registers.map((value, register): Value => {
    if (value?.kind !== 'places') return value;
    const kept = sitesOf(before.registers[register] ?? null);
    const isKept = (site: Site): boolean => kept.some((one) => sameSite(one, site));
    for (const site of value.sites) if (!isKept(site)) sink.lost(site);
    return makePlaces(value.sites.filter(isKept), true);
  });
  return joinStates(before, makeState(registers, after.flags), sink);
};
