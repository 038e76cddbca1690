// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The branches that static keys switch on and off, by where they are. A large link
// has ten thousands, most of which nobody asks for: what an entry says besides is
// read from the table then.

import { firstWhere } from '../elf/bisect.js';
import type { Address } from './address-space.js';
import { Starts } from './starts.js';
import type { PatchRows } from './table-layouts.js';

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

/** Fields of an entry. */
const SITE = 0;
const TARGET = 1;
const KEY = 2;

/** The entries of one table, numbered on from those of the tables before. */
interface Part {
  readonly first: number;
  readonly rows: PatchRows<Address>;
}

export class KeySites {
  readonly #byPlace = new Starts();
  readonly #parts: Part[] = [];
  #count = 0;

  /** Adds the entries of a table; `changes`: is told where each is. */
  addTable(rows: PatchRows<Address>, changes: (site: Address) => void): void {
    this.#parts.push({ first: this.#count, rows });
    this.#count += rows.count;
    for (let row = 0; row < rows.count; row++) {
      const site = rows.place(row, SITE) ?? null;
      this.#byPlace.add(site);
      if (site !== null) changes(site);
    }
  }

  at(address: Address): readonly KeySite[] {
    return this.#byPlace.at(address).flatMap((number) => this.#siteOf(number) ?? []);
  }

  #siteOf(number: number): KeySite | null {
    const parts = this.#parts;
    const part = parts[firstWhere(parts.length, (index) => (parts[index]?.first ?? 0) > number) - 1];
    const target = part?.rows.place(number - part.first, TARGET);
    const key = part?.rows.place(number - part.first, KEY);
    // An entry about discarded code leads nowhere.
    if (target === undefined || key === undefined) return null;
    const flags = ((key % FLAGS) + FLAGS) % FLAGS;
    return { target, key: key - flags, takenWhenOff: (flags & 1) !== 0 };
  }

  /** From each site to its target, in the order of the tables. */
  *edges(): Generator<readonly [Address, Address]> {
    for (const { rows } of this.#parts) {
      for (let row = 0; row < rows.count; row++) {
        const [site, target] = [rows.place(row, SITE), rows.place(row, TARGET)];
        if (site !== undefined && target !== undefined) yield [site, target];
      }
    }
  }
}
