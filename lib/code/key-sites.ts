// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The branches that static keys switch on and off, by where they are. A large link
// has ten thousands: they are kept as numbers.

import type { Address } from './address-space.js';

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
  /** By address its last site, and by site the one before it at the same address; + 1, 0 for none. */
  readonly #last = new Map<Address, number>();
  readonly #before: number[] = [];

  add(site: Address, target: Address, key: Address): void {
    this.#rows.push(site, target, key);
    this.#before.push(this.#last.get(site) ?? 0);
    this.#last.set(site, this.#before.length);
  }

  at(address: Address): readonly KeySite[] {
    const rows = this.#rows;
    const found: KeySite[] = [];
    for (let site = this.#last.get(address) ?? 0; site !== 0; site = this.#before[site - 1] as number) {
      const row = (site - 1) * WIDTH;
      const key = rows[row + 2] ?? 0;
      const flags = ((key % FLAGS) + FLAGS) % FLAGS;
      found.push({ target: rows[row + 1] ?? 0, key: key - flags, takenWhenOff: (flags & 1) !== 0 });
    }
    return found.reverse();
  }

  /** From each site to its target, in the order of the tables. */
  *edges(): Generator<readonly [Address, Address]> {
    for (let row = 0; row < this.#rows.length; row += WIDTH)
      yield [this.#rows[row] ?? 0, this.#rows[row + 1] ?? 0];
  }
}
