// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of labels: data that names instructions in the middle of hyp functions,
// as `static void *const arms[] = { &&a, &&b }` does for a computed goto. A
// function's address is useful to anybody; a label's only to the code that reads
// the table. So labels become entries once the table's address is used, and do
// not if only code behind has_vhe() uses it.

import type { AddressSpace } from '../code/address-space.js';
import { coverAt } from '../code/functions.js';
import { SHF } from '../elf/vocabulary.js';
import type { Address } from './values.js';

/** A slot of data and the label whose address it holds. */
export interface LabelSlot {
  readonly at: Address;
  readonly target: Address;
}

/** The slots of one variable. For data without a symbol, start and end are those of the section. */
export interface LabelTable {
  readonly start: Address;
  /** Exclusive. */
  readonly end: Address;
  readonly slots: LabelSlot[];
}

/** Bytes. */
const POINTER = 8;

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
   * The slots of the table around an address. `isInexact`: an unknown number is added to the address; that stays within
   * the variable, or within the section if there is no symbol.
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

  /**
   * Where a pointer out of the table around an address leads; null if the variable holds anything but labels, or may be
   * written.
   */
  targetsAround(address: Address): readonly Address[] | null {
    const tables = this.#byRegion.get(this.#space.regionOf(address));
    const table = tables?.find(({ start, end }) => address >= start && address < end);
    if (!table || ((this.#space.placeOf(address)?.section.flags ?? SHF.WRITE) & SHF.WRITE) !== 0) return null;
    const isFull = new Set(table.slots.map(({ at }) => at)).size * POINTER === table.end - table.start;
    return isFull ? table.slots.map(({ target }) => target) : null;
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
