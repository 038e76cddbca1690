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
// Odd: it errs on one side. What it reaches can be reached; of what it does
// not reach it says nothing. So it stops at branches through unknown
// registers, at rows of patch tables that contradict each other, when a
// function does not return where it was called from, and when a place has
// been seen in too many states.

import { execute, mayFault } from './oracle/cpu.js';
import { ANY_FLAGS } from './oracle/flags.js';
import { Link, placeKey } from './oracle/link.js';
import { PatchSites } from './oracle/patch-sites.js';
import { type Position, positionKey, State } from './oracle/state.js';
import type { Outcome, Surroundings } from './oracle/step.js';
import { type Place, returnTo, UNKNOWN, type Value } from './oracle/value.js';

export interface OracleOptions {
  readonly vheCapability: number;
  /** Nothing in the object enters hyp code: whoever can see a hyp symbol may. */
  readonly areGlobalsRoots: boolean;
}

export interface Walk {
  readonly link: Link;
  /** Instructions that ran, as positionKey() calls them, with a state in which they did. */
  readonly executed: ReadonlyMap<string, State>;
  /** Instructions that completed an address which was then made use of. */
  readonly addressesUsed: ReadonlyMap<string, State>;
  /** Slots of 8 bytes with a relocation, that were loaded. */
  readonly slotsRead: ReadonlyMap<string, State>;
  /** How often a path ended for which reason. */
  readonly stops: ReadonlyMap<string, number>;
}

/** States of one place, called by the same calls, that are looked at. */
const STATES_PER_PLACE = 32;
const CALL_DEPTH = 10;
const STEP_LIMIT = 15_000;

/** Where the processor enters each of sixteen slots of 128 bytes. */
const VECTORS = /^__(kvm_hyp_vector|bp_harden_hyp_vecs(_start)?)$/;

/** What comes next. */
type States = readonly State[];

class Oracle implements Surroundings, Walk {
  readonly executed = new Map<string, State>();
  readonly addressesUsed = new Map<string, State>();
  readonly slotsRead = new Map<string, State>();
  readonly stops = new Map<string, number>();
  readonly link: Link;
  readonly vheCapability: number;
  readonly #options: OracleOptions;
  readonly #patches: PatchSites;
  readonly #queue: State[] = [];
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #rooted = new Set<string>();

  constructor(link: Link, options: OracleOptions) {
    this.link = link;
    this.vheCapability = options.vheCapability;
    this.#options = options;
    this.#patches = new PatchSites(link, options.vheCapability);
  }

  run(): void {
    for (const place of this.link.hypAddressesInData()) this.#root(place, 'its address lies in host data');
    if (this.#options.areGlobalsRoots)
      for (const place of this.link.globals('hyp')) this.#root(place, 'a global symbol');
    for (const place of this.link.globals('host'))
      this.#arrive(new State({ place, row: null }, 1, 'a global function of the host'));
    // The queue grows while it is gone through.
    for (let at = 0; at < this.#queue.length && at < STEP_LIMIT; at++) {
      const state = this.#queue[at];
      for (const next of state ? this.#step(state) : []) this.#arrive(next);
    }
    if (this.#queue.length > STEP_LIMIT) this.#stop('too many steps');
  }

  used(value: Value, state: State): void {
    if (value.kind !== 'place' && value.kind !== 'kernel') return;
    if (!this.addressesUsed.has(value.made)) this.addressesUsed.set(value.made, state);
    const isHost = state.level === 1 && !this.link.isHypCode(state.position.place.section);
    if (isHost && this.link.isHypCode(value.place.section))
      this.#root(value.place, 'the host takes its address');
  }

  read(slot: Place, state: State): void {
    if (!this.slotsRead.has(placeKey(slot))) this.slotsRead.set(placeKey(slot), state);
  }

  #root(place: Place, because: string): void {
    if (this.#rooted.has(placeKey(place))) return;
    this.#rooted.add(placeKey(place));
    this.#arrive(new State({ place, row: null }, 2, because));
    const isVector = this.link.namesAt(place).some((name) => VECTORS.test(name));
    for (let slot = 1; isVector && place.offset % 2048 === 0 && slot < 16; slot++) {
      const entry = { section: place.section, offset: place.offset + slot * 128 };
      if (this.link.instruction(entry) !== null)
        this.#arrive(new State({ place: entry, row: null }, 2, `slot ${slot} of a vector`));
    }
  }

  /** Queues a state that is new. */
  #arrive(state: State): void {
    const { place, row } = state.position;
    if (!row && this.link.isNoReturn(place)) state.registers[30] = UNKNOWN;
    const { key, context } = state;
    if (this.#seen.has(key)) return;
    const count = this.#counts.get(context) ?? 0;
    if (count >= STATES_PER_PLACE) {
      this.#stop('a place in too many states');
      return;
    }
    this.#seen.add(key);
    this.#counts.set(context, count + 1);
    this.#queue.push(state);
  }

  #stop(why: string): States {
    this.stops.set(why, (this.stops.get(why) ?? 0) + 1);
    return [];
  }

  /** A state that is new, moved on. */
  #goTo(state: State, position: Position, because = ''): States {
    state.position = position;
    state.because = because;
    return [state];
  }

  /** The next instruction; behind the last of a replacement, what follows the original. */
  #behind({ place: { section, offset }, row }: Position): Position {
    if (row && offset + 4 >= row.replacement.offset + row.replacementLength) {
      const end = { section: row.original.section, offset: row.original.offset + row.originalLength };
      return { place: end, row: null };
    }
    return { place: { section, offset: offset + 4 }, row };
  }

  #step(state: State): States {
    const { place, row } = state.position;
    const word = this.link.instruction(place);
    if (word === null) return this.#stop('no code here');
    if (!row && !this.link.isExecutable(place.section)) return this.#stop('not executable');
    const patch = this.#patches.at(state, word);
    switch (patch.kind) {
      case 'none':
        return this.#execute(state, word);
      case 'choose':
        return [false, true].flatMap((value) => {
          const copy = state.after();
          copy.choose(patch.choice, value);
          return this.#goTo(copy, state.position, `${patch.choice} is ${value ? 'on' : 'off'}`);
        });
      case 'replaced': {
        const { section, offset } = patch.row.replacement;
        const inside = { section, offset: offset + place.offset - patch.row.original.offset };
        return this.#goTo(state.after(), { place: inside, row: patch.row }, 'an alternative applies');
      }
      case 'written':
        return this.#written(state, word);
      case 'key': {
        const to = patch.to ? { place: patch.to, row: null } : this.#behind(state.position);
        return this.#goTo(state.after(), to, patch.to ? 'a static key branches' : '');
      }
      case 'stop':
        return this.#stop(patch.why);
    }
  }

  /** What a callback writes is not known, but that it writes what the original writes, and goes on behind it. */
  #written(state: State, word: number): States {
    const { link, vheCapability } = this;
    const nobody = { used: () => undefined, read: () => undefined };
    const original = state.after();
    execute(original, word, { ...nobody, link, vheCapability });
    if (original.sp !== state.sp) return this.#stop('a callback that moves the stack');
    const copy = state.after();
    for (const [register, value] of state.registers.entries())
      if (original.registers[register] !== value) copy.registers[register] = UNKNOWN;
    if (original.flags !== state.flags) copy.flags = ANY_FLAGS;
    return this.#goTo(copy, this.#behind(state.position), 'a callback wrote the instruction before');
  }

  #execute(state: State, word: number): States {
    const key = positionKey(state.position);
    if (!this.executed.has(key)) this.executed.set(key, state);
    const fixup = this.link.exceptions.get(placeKey(state.position.place));
    const faulted =
      fixup && mayFault(word) ? this.#goTo(state.after(), { place: fixup, row: null }, 'a fault') : [];
    const outcomes = execute(state.after(), word, this);
    return [...faulted, ...outcomes.flatMap((outcome) => this.#follow(outcome))];
  }

  #follow(outcome: Outcome): States {
    switch (outcome.kind) {
      case 'stop':
        return this.#stop(outcome.why);
      case 'next':
        return this.#goTo(outcome.state, this.#behind(outcome.state.position));
      case 'branch':
        return this.#branch(outcome.state, outcome.to, outcome.isCall);
      case 'indirect':
        return this.#indirect(outcome.state, outcome.to, outcome.isCall);
      case 'return':
        return this.#return(outcome.state, outcome.to);
    }
  }

  #branch(state: State, to: Place, isCall: boolean): States {
    const { row } = state.position;
    const isElsewhere = typeof to.section === 'string';
    if (!isElsewhere && this.link.instruction(to) === null) return this.#stop('a branch to what is no code');
    // The patcher leaves branches alone that stay in the replacement, its end included.
    const inside = row && to.section === row.replacement.section ? to.offset - row.replacement.offset : -1;
    if (row && !isCall && inside >= 0 && inside <= row.replacementLength) {
      const end = { section: row.original.section, offset: row.original.offset + row.originalLength };
      const isEnd = inside === row.replacementLength;
      return this.#goTo(state, isEnd ? { place: end, row: null } : { place: to, row }, 'a branch');
    }
    if (isCall) return this.#call(state, isElsewhere ? null : to, this.link.isNoReturn(to));
    if (!isElsewhere) return this.#goTo(state, { place: to, row: null }, 'a branch');
    if (this.link.isNoReturn(to)) return this.#stop('it does not return');
    this.#clobber(state);
    return this.#return(state, state.registers[30] ?? UNKNOWN);
  }

  #indirect(state: State, to: Value, isCall: boolean): States {
    const isCode = to.kind === 'place' && this.link.instruction(to.place) !== null;
    if (isCall) {
      const isNoReturn = (to.kind === 'place' || to.kind === 'kernel') && this.link.isNoReturn(to.place);
      return this.#call(state, isCode ? to.place : null, isNoReturn);
    }
    return isCode
      ? this.#goTo(state, { place: to.place, row: null }, 'a branch through a register')
      : this.#stop('a branch through a register');
  }

  /** Calls; `to` is null for code that is not here, which comes back and keeps the AAPCS64's registers. */
  #call(state: State, to: Place | null, isNoReturn: boolean): States {
    const back = this.#behind(state.position);
    state.registers[30] = returnTo(positionKey(back));
    if (to && state.calls.length >= CALL_DEPTH) return this.#stop('calls too deep');
    if (to) {
      state.calls = [...state.calls, { to: back, sp: state.sp.id }];
      return this.#goTo(state, { place: to, row: null }, 'a call');
    }
    if (isNoReturn) return this.#stop('it does not return');
    this.#clobber(state);
    return this.#goTo(state, back, 'back from a call');
  }

  #clobber(state: State): void {
    for (let register = 0; register < 8; register++) this.used(state.registers[register] ?? UNKNOWN, state);
    for (let register = 0; register <= 18; register++) state.registers[register] = UNKNOWN;
    state.flags = ANY_FLAGS;
  }

  #return(state: State, to: Value): States {
    if (to.kind !== 'return') return this.#stop('a return to nowhere');
    const top = state.calls.at(-1);
    if (!top) {
      if (to.to === 'host') this.used(state.registers[0] ?? UNKNOWN, state);
      return this.#stop(to.to === 'host' ? 'the end' : 'a return to nowhere');
    }
    if (to.to !== positionKey(top.to) || state.sp.id !== top.sp) return this.#stop('a return to elsewhere');
    state.calls = state.calls.slice(0, -1);
    state.prune();
    return this.#goTo(state, top.to, 'a return');
  }
}

/** Runs an object's code without VHE. Throws FormatError for what is not an AArch64 ELF64 file. */
export const walkWithoutVhe = async (bytes: Uint8Array, options: OracleOptions): Promise<Walk> => {
  const oracle = new Oracle(await Link.read(bytes), options);
  oracle.run();
  return oracle;
};

/** The way to a state, first to last: where it began, and every place where it did not just go on. */
export const pathTo = (walk: Walk, state: State): readonly string[] => {
  const tell = ({ position: { place } }: State): string =>
    `${walk.link.sectionName(place.section)}+0x${place.offset.toString(16)}`;
  const path = [tell(state)];
  for (let at: State | null = state; at; at = at.parent)
    if (at.because !== '') path.unshift(`${tell(at)} (${at.because})`);
  return path;
};
