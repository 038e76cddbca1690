// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Entries of tables by an address that each has, as numbers: a large link has ten
// thousands, most of which nobody asks for.

import type { Address } from './address-space.js';

export class Starts {
  /** By address its last entry, and by entry the one before it at the same address; + 1, 0 for none. */
  readonly #last = new Map<Address, number>();
  readonly #before: number[] = [];

  /** Of the next entry: they are numbered from 0 on. null: it has none. */
  add(address: Address | null): void {
    const entry = this.#before.push((address !== null && this.#last.get(address)) || 0);
    if (address !== null) this.#last.set(address, entry);
  }

  /** In the order in which they were added. */
  at(address: Address): readonly number[] {
    let entry = this.#last.get(address) ?? 0;
    if (entry === 0) return none;
    const found: number[] = [];
    for (; entry !== 0; entry = this.#before[entry - 1] as number) found.push(entry - 1);
    return found.reverse();
  }
}

const none: readonly number[] = [];
