// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The branches that static keys switch on and off, by where they are. A large link
// has ten thousands: they are kept as numbers.

import type { Address } from './address-space.js';
import { Starts } from './starts.js';

/** A branch that a static key switches on and off. */
export interface KeySite {
  readonly target: Address;
  /** The key, without the flags in its low bits. */
  readonly key: Address;
  /** Bit 0: the branch is taken while the key is off. */
  readonly takenWhenOff: boolean;
}

/** Keys are aligned, so the low bits of the address are flags: bit 0 the branch, bit 1 init text. */
const FLAGS = 4;

/** Numbers of a site in #rows. */
const WIDTH = 3;

export class KeySites {
  /** Of each site, in the order of the tables: where it is, its target, and the key with its flags. */
  readonly #rows: number[] = [];
  readonly #byPlace = new Starts();

  add(site: Address, target: Address, key: Address): void {
    this.#byPlace.add(site);
    this.#rows.push(site, target, key);
  }

  at(address: Address): readonly KeySite[] {
    return this.#byPlace.at(address).map((number) => {
      const row = number * WIDTH;
      const key = this.#rows[row + 2] ?? 0;
      const flags = ((key % FLAGS) + FLAGS) % FLAGS;
      return { target: this.#rows[row + 1] ?? 0, key: key - flags, takenWhenOff: (flags & 1) !== 0 };
    });
  }

  /** From each site to its target, in the order of the tables. */
  *edges(): Generator<readonly [Address, Address]> {
    for (let row = 0; row < this.#rows.length; row += WIDTH)
      yield [this.#rows[row] ?? 0, this.#rows[row + 1] ?? 0];
  }
}
