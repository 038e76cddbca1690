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
import { joinStates, makeState, type State } from './state.js';
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
  /** At the call, joined over all the ways to it. */
  state: State;
}

/** Why something is an entry point. */
export type RootCause =
  /** Named by something other than executed hyp code; `at`: that instruction or slot of data. */
  | { readonly kind: 'address'; readonly at: Address }
  | { readonly kind: 'global' | 'vector' | 'host-function' | 'host-call' };

/** How often knowledge about numbers may shrink at one place before widening: loop counters would go on for long. */
const PATIENCE = 3;
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
  readonly states = new Map<Address, State>();
  /** Places whose state has changed since they were last interpreted. */
  readonly agenda = new Agenda();
  readonly callers: Call[] = [];
  readonly #calls = new Map<string, Call>();
  /** Its return address may have been saved to memory, by itself or by what branched to it. */
  keepsLink: boolean;
  /** The state in which it returns; null as long as no return was seen. */
  returned: State | null = null;
  root: RootCause | null = null;
  /** Registers in which unseen callers take its result, as a mask; 0: there are no such callers. */
  results = 0;
  /** How often the state has changed, by place. */
  readonly #joins = new Map<Address, number>();

  constructor(key: string, entry: Address, depth: number, isFinal: boolean, summary: RegisterSummary) {
    this.key = key;
    this.entry = entry;
    this.depth = depth;
    this.isFinal = isFinal;
    this.summary = summary;
    this.keepsLink = summary.keepsLink;
  }

  /** Records a call of this procedure. States of the same call are joined. */
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

  /** Control arrives at a place; null: nothing new is learnt there. */
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
    // Callers pass many different constants, none of which matters: at the entry they are given up at once.
    const isPatient = pc !== this.entry && count <= PATIENCE;
    const known = isPatient ? joined : withoutNumbers(before, joined);
    return count <= PATIENCE_WITH_ADDRESSES ? known : withoutAddresses(before, known, sink);
  }
}

/** Numbers that changed are given up: they will change again. */
const withoutNumbers = (before: State, after: State): State =>
  makeState(
    after.registers.map((value, register) =>
      value?.kind === 'bits' && !sameValue(value, before.registers[register] ?? null) ? null : value,
    ),
    after.flags,
    after.stack,
  );

/** Addresses that arrive at a place after too many others escape. */
const withoutAddresses = (before: State, after: State, sink: AddressSink): State => {
  const registers = after.registers.map((value, register): Value => {
    if (value?.kind !== 'places') return value;
    const kept = sitesOf(before.registers[register] ?? null);
    const isKept = (site: Site): boolean => kept.some((one) => sameSite(one, site));
    for (const site of value.sites) if (!isKept(site)) sink.lost(site);
    return makePlaces(value.sites.filter(isKept), true);
  });
  return joinStates(before, makeState(registers, after.flags, after.stack), sink);
};
