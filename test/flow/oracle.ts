// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The oracle of the soundness test: it runs an object's code as a machine
// without VHE would, one instruction and one state after the other, and says
// which instructions it got to. Slow and simple on purpose, and no line of it
// is shared with lib/flow: two programs that agree for the same wrong reason
// would prove nothing.
//
// The machine: the VHE capability is off, arm64_const_caps_ready is on; every
// other capability and key is settled on first use, both ways, and stays so
// for the rest of that path. Registers are known as far as they follow from
// constants; a branch on what is not known is taken both ways.
//
// Odd: it errs on one side. What it reaches can be reached; what it does not
// reach may be reachable as well. So it stops at branches through unknown
// registers, at rows of patch tables that contradict each other, when a
// function does not return where it was called from, and when a place has
// been seen in too many states. And since two unknown values are never taken
// to be the same one, a contradiction is only believed when a machine whose
// registers all hold numbers was seen to get there: confirm().

import { Link, placeKey } from './oracle/link.js';
import { type Events, Machine } from './oracle/machine.js';
import { positionKey, State } from './oracle/state.js';
import type { Place, Value } from './oracle/value.js';

export interface OracleOptions {
  readonly vheCapability: number;
  /** Nothing in the object enters hyp code: whoever can see a hyp symbol may. */
  readonly areGlobalsRoots: boolean;
}

/** Names of what a machine did, as keys of `happened`: it executed an instruction. */
export const didExecute = (position: string): string => `executed ${position}`;
/** It used the address that was completed there. */
export const didUse = (made: string): string => `used ${made}`;
/** It loaded a slot that a relocation fills in. */
export const didRead = (slot: string): string => `read ${slot}`;

export interface Walk {
  readonly link: Link;
  readonly options: OracleOptions;
  /** What happened, each with the first state in which it did. */
  readonly happened: ReadonlyMap<string, State>;
  /** How often a path ended for which reason. */
  readonly stops: ReadonlyMap<string, number>;
}

/** Most states of one place with one chain of calls. */
const STATES_PER_PLACE = 32;
const STEP_LIMIT = 15_000;

/** Where the processor enters each of sixteen slots of 128 bytes. */
const VECTORS = /^__(kvm_hyp_vector|bp_harden_hyp_vecs(_start)?)$/;

class Oracle implements Events, Walk {
  readonly link: Link;
  readonly options: OracleOptions;
  readonly happened = new Map<string, State>();
  readonly stops = new Map<string, number>();
  readonly #machine: Machine;
  readonly #queue: State[] = [];
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #rooted = new Set<string>();

  constructor(link: Link, options: OracleOptions) {
    this.link = link;
    this.options = options;
    this.#machine = new Machine(link, options.vheCapability, this);
  }

  run(): void {
    for (const place of this.link.hypAddressesInData()) this.#root(place, 'its address lies in host data');
    if (this.options.areGlobalsRoots)
      for (const place of this.link.globals('hyp')) this.#root(place, 'a global symbol');
    for (const place of this.link.globals('host')) this.#enter(place, 1, 'a global function of the host');
    // The queue grows while it is read.
    for (let at = 0; at < this.#queue.length && at < STEP_LIMIT; at++) {
      const state = this.#queue[at];
      for (const next of state ? this.#machine.step(state) : []) this.#arrive(next);
    }
    if (this.#queue.length > STEP_LIMIT) this.stopped('too many steps');
  }

  executed(state: State): void {
    this.#note(didExecute(positionKey(state.position)), state);
  }

  used(value: Value, state: State): void {
    if (value.kind !== 'place' && value.kind !== 'kernel' && value.kind !== 'sum') return;
    this.#note(didUse(value.made), state);
    const isHost = state.level === 1 && !this.link.isHypCode(state.position.place.section);
    if (isHost && this.link.isHypCode(value.place.section))
      this.#root(value.place, 'the host takes its address');
  }

  read(slot: Place, state: State): void {
    this.#note(didRead(placeKey(slot)), state);
  }

  stopped(why: string): void {
    this.stops.set(why, (this.stops.get(why) ?? 0) + 1);
  }

  #note(what: string, state: State): void {
    if (!this.happened.has(what)) this.happened.set(what, state);
  }

  #enter(place: Place, level: 1 | 2, because: string): void {
    this.#arrive(this.#machine.entered(new State({ place, row: null }, level, because)));
  }

  #root(place: Place, because: string): void {
    if (this.#rooted.has(placeKey(place))) return;
    this.#rooted.add(placeKey(place));
    this.#enter(place, 2, because);
    const isVector = this.link.namesAt(place).some((name) => VECTORS.test(name));
    for (let slot = 1; isVector && place.offset % 2048 === 0 && slot < 16; slot++) {
      const entry = { section: place.section, offset: place.offset + slot * 128 };
      if (this.link.instruction(entry) !== null) this.#enter(entry, 2, `slot ${slot} of a vector`);
    }
  }

  /** Queues a state that is new. */
  #arrive(state: State): void {
    const { key, context } = state;
    if (this.#seen.has(key)) return;
    const count = this.#counts.get(context) ?? 0;
    if (count >= STATES_PER_PLACE) {
      this.stopped('a place in too many states');
      return;
    }
    this.#seen.add(key);
    this.#counts.set(context, count + 1);
    this.#queue.push(state);
  }
}

/** Runs an object's code without VHE. Throws FormatError for what is not an AArch64 ELF64 file. */
export const walkWithoutVhe = async (bytes: Uint8Array, options: OracleOptions): Promise<Walk> => {
  const oracle = new Oracle(await Link.read(bytes), options);
  oracle.run();
  return oracle;
};

/** The path to a state, first to last: where it began, and each place that was not reached by falling through. */
export const pathTo = ({ link }: Walk, state: State): readonly string[] => {
  const tell = ({ position: { place } }: State): string =>
    `${link.sectionName(place.section)}+0x${place.offset.toString(16)}`;
  const path = [tell(state)];
  for (let at: State | null = state; at; at = at.parent)
    if (at.because !== '') path.unshift(`${tell(at)} (${at.because})`);
  return path;
};
