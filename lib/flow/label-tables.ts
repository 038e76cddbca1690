// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of labels: data that names instructions in the middle of functions of
// hyp code, as `static void *const arms[] = { &&a, &&b }` does for a computed
// goto. Unlike a function's address a label's is of use only to who reads the
// table, so the labels are entered once the table's address is used, and not
// where only code behind has_vhe() uses it.

import type { AddressSpace } from '../code/address-space.js';
import { coverAt } from '../code/functions.js';
import type { Address } from './values.js';

/** A slot of data, and the label that it holds the address of. */
export interface LabelSlot {
  readonly at: Address;
  readonly target: Address;
}

/** The slots of one variable, or (start and end of the section) of data without a symbol. */
export interface LabelTable {
  readonly start: Address;
  /** Exclusive. */
  readonly end: Address;
  readonly slots: LabelSlot[];
}

export class LabelTables {
  readonly #space: AddressSpace;
  readonly #byRegion = new Map<number, LabelTable[]>();

  constructor(space: AddressSpace, slots: readonly LabelSlot[]) {
    this.#space = space;
    for (const slot of slots) this.#add(slot);
  }

  get all(): readonly LabelTable[] {
    return [...this.#byRegion.values()].flat();
  }

  /**
   * The slots of the table that an address is in. `isInexact`: something is added to it; that stays in its variable, and
   * may go anywhere in the section where no symbol says what that is.
   */
  at(address: Address, isInexact: boolean): readonly LabelSlot[] {
    const tables = this.#byRegion.get(this.#space.regionOf(address));
    if (!tables) return [];
    const place = isInexact ? this.#space.placeOf(address) : null;
    const isAnywhere = place !== null && coverAt(place) === null;
    return tables
      .filter(({ start, end }) => isAnywhere || (address >= start && address < end))
      .flatMap(({ slots }) => slots);
  }

  #add(slot: LabelSlot): void {
    const place = this.#space.placeOf(slot.at);
    if (!place) return;
    const region = this.#space.regionOf(slot.at);
    const tables = this.#byRegion.get(region) ?? [];
    this.#byRegion.set(region, tables);
    const known = tables.find(({ start, end }) => slot.at >= start && slot.at < end);
    if (known) {
      known.slots.push(slot);
      return;
    }
    const base = slot.at - place.offset;
    const cover = coverAt(place);
    const end = Math.min(cover?.end ?? Infinity, place.section.size);
    tables.push({ start: base + (cover?.start ?? 0), end: base + end, slots: [slot] });
  }
}
