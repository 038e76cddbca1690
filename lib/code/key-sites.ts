// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The branches that static keys switch on and off, by where they are. A large link
// has ten thousands: they are kept as numbers.

import { firstWhere } from '../elf/bisect.js';
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
  /** The numbers of the sites, sorted by address; made when first asked for. */
  #order: Uint32Array | undefined;

  add(site: Address, target: Address, key: Address): void {
    this.#rows.push(site, target, key);
    this.#order = undefined;
  }

  at(address: Address): readonly KeySite[] {
    const rows = this.#rows;
    const placeOf = (site: number): Address => rows[site * WIDTH] ?? 0;
    this.#order ??= Uint32Array.from({ length: rows.length / WIDTH }, (_, site) => site).sort(
      (a, b) => placeOf(a) - placeOf(b) || a - b,
    );
    const order = this.#order;
    const found: KeySite[] = [];
    for (
      let index = firstWhere(order.length, (one) => placeOf(order[one] ?? 0) >= address);
      index < order.length && placeOf(order[index] ?? 0) === address;
      index++
    ) {
      const row = (order[index] ?? 0) * WIDTH;
      const key = rows[row + 2] ?? 0;
      const flags = ((key % FLAGS) + FLAGS) % FLAGS;
      found.push({ target: rows[row + 1] ?? 0, key: key - flags, takenWhenOff: (flags & 1) !== 0 });
    }
    return found;
  }

  /** From each site to its target, in the order of the tables. */
  *edges(): Generator<readonly [Address, Address]> {
    for (let row = 0; row < this.#rows.length; row += WIDTH)
      yield [this.#rows[row] ?? 0, this.#rows[row + 1] ?? 0];
  }
}
