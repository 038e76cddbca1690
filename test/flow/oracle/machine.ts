// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The oracle's machine: what it does in one step, from instruction to
// instruction, through what the kernel patched and through calls.
//
// Odd: a function has to return to where it was called from, with SP as it was.
// A path that returns elsewhere ends: no compiler makes it.

import { execute, mayFault } from './cpu.js';
import { ANY_FLAGS } from './flags.js';
import { type Link, placeKey } from './link.js';
import { PatchSites } from './patch-sites.js';
import { type Position, positionKey, type State } from './state.js';
import type { Outcome, Surroundings } from './step.js';
import { type Place, returnTo, UNKNOWN, type Value } from './value.js';

/** Is told what happens. */
export interface Events {
  /** An instruction runs. */
  executed(state: State): void;
  /** A value was needed for more than being copied. */
  used(value: Value, state: State): void;
  /** A slot with a relocation was loaded. */
  read(slot: Place, state: State): void;
  /** A path ended. */
  stopped(why: string): void;
}

const CALL_DEPTH = 6;

/** What comes next. */
export type States = readonly State[];

export class Machine implements Surroundings {
  readonly link: Link;
  readonly vheCapability: number;
  readonly #events: Events;
  readonly #patches: PatchSites;

  constructor(link: Link, vheCapability: number, events: Events) {
    this.link = link;
    this.vheCapability = vheCapability;
    this.#events = events;
    this.#patches = new PatchSites(link, vheCapability);
  }

  used(value: Value, state: State): void {
    this.#events.used(value, state);
  }

  read(slot: Place, state: State): void {
    this.#events.read(slot, state);
  }

  /** A state as it arrives at its place: one that enters a function which never returns cannot return. */
  entered(state: State): State {
    const { place, row } = state.position;
    if (!row && this.link.isNoReturn(place)) state.registers[30] = UNKNOWN;
    return state;
  }

  #stop(why: string): States {
    this.#events.stopped(why);
    return [];
  }

  /** A state that is new, moved on. */
  #goTo(state: State, position: Position, because = ''): States {
    state.position = position;
    state.because = because;
    return [this.entered(state)];
  }

  /** The next instruction; behind the last of a replacement, what follows the original. */
  #behind({ place: { section, offset }, row }: Position): Position {
    if (row && offset + 4 >= row.replacement.offset + row.replacementLength) {
      const end = { section: row.original.section, offset: row.original.offset + row.originalLength };
      return { place: end, row: null };
    }
    return { place: { section, offset: offset + 4 }, row };
  }

  /** The states that may follow a state; none if its path ends. The state itself is not changed. */
  step(state: State): States {
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

  /** Code that a callback writes is taken to write the registers that the original writes, and to go on behind it. */
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
    this.#events.executed(state);
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

  /** Calls; `to` is null for code outside the object, which returns and preserves what the AAPCS64 says. */
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
