// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The places of a procedure that keep a state, in the order in which they were met.
// Most procedures have two or three, which a Map would take ten times the space for.

import type { State } from './state.js';
import type { Address } from './values.js';

export interface Kept {
  readonly place: Address;
  state: State;
  /** How often the state has changed. */
  changes: number;
}

/** Up to so many are looked through. */
const FEW = 8;

export class KeptStates {
  #all: readonly Kept[] = noStates;
  /** Them by place, once they are many. */
  #byPlace: Map<Address, Kept> | null = null;

  at(place: Address): Kept | undefined {
    if (this.#byPlace) return this.#byPlace.get(place);
    // By index: this is asked for each instruction.
    for (let index = 0; index < this.#all.length; index++) {
      const kept = this.#all[index] as Kept;
      if (kept.place === place) return kept;
    }
    return undefined;
  }

  /** At a place that keeps none yet. */
  add(place: Address, state: State): void {
    const kept: Kept = { place, state, changes: 0 };
    if (this.#byPlace) {
      this.#byPlace.set(place, kept);
      return;
    }
    // An array that grows has room for sixteen more.
    this.#all = this.#all.concat([kept]);
    if (this.#all.length <= FEW) return;
    this.#byPlace = new Map(this.#all.map((one) => [one.place, one]));
    this.#all = noStates;
  }

  all(): Iterable<Kept> {
    return this.#byPlace?.values() ?? this.#all;
  }
}

const noStates: readonly Kept[] = [];
