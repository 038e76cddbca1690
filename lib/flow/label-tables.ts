// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of labels: data that names instructions in the middle of hyp functions,
// as `static void *const arms[] = { &&a, &&b }` does for a computed goto. A
// function's address is useful to anybody; a label's only to the code that reads
// the table. So labels become entries once the table's address is used, and do
// not if only code behind has_vhe() uses it.

import type { AddressSpace } from '../code/address-space.js';
import { coverAt } from '../code/functions.js';
import { lastNotAbove } from '../elf/bisect.js';
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
  end: Address;
  readonly slots: LabelSlot[];
}

/** Bytes. */
const POINTER = 8;

/** The tables of one section. */
interface Region {
  /** Those of variables, by start; no two of them overlap. */
  readonly tables: LabelTable[];
  readonly starts: Address[];
  /** Slots that belong to no variable: they may be part of what begins anywhere. */
  loose: LabelTable | null;
}

export class LabelTables {
  readonly #space: AddressSpace;
  readonly #byRegion = new Map<number, Region>();

  constructor(space: AddressSpace, slots: readonly LabelSlot[]) {
    this.#space = space;
    for (const slot of [...slots].sort((a, b) => a.at - b.at)) this.#add(slot);
  }

  get all(): readonly LabelTable[] {
    return [...this.#byRegion.values()].flatMap(tablesOf);
  }

  /** Whether there is one in the section of an address. */
  areNear(address: Address): boolean {
    return this.#byRegion.has(this.#space.regionOf(address));
  }

  /**
   * The tables around an address. `isInexact`: an unknown number is added to the address; that stays within the variable,
   * or within the section if there is no symbol.
   */
  at(address: Address, isInexact: boolean): readonly LabelTable[] {
    const region = this.#byRegion.get(this.#space.regionOf(address));
    if (!region) return [];
    const place = isInexact ? this.#space.placeOf(address) : null;
    if (place !== null && coverAt(place) === null) return tablesOf(region);
    return [variableAt(region, address), region.loose].filter(
      (table): table is LabelTable => table !== null && address >= table.start && address < table.end,
    );
  }

  /**
   * Where a pointer out of the table around an address leads; null if the variable holds anything but labels, or may be
   * written.
   */
  targetsAround(address: Address): readonly Address[] | null {
    const [table] = this.at(address, false);
    if (!table || ((this.#space.placeOf(address)?.section.flags ?? SHF.WRITE) & SHF.WRITE) !== 0) return null;
    const isFull = new Set(table.slots.map(({ at }) => at)).size * POINTER === table.end - table.start;
    return isFull ? table.slots.map(({ target }) => target) : null;
  }

  /** Slots come by address, and so do the variables around them. Those that overlap are one table. */
  #add(slot: LabelSlot): void {
    const place = this.#space.placeOf(slot.at);
    if (!place) return;
    const number = this.#space.regionOf(slot.at);
    const region = this.#byRegion.get(number) ?? { tables: [], starts: [], loose: null };
    this.#byRegion.set(number, region);
    const base = slot.at - place.offset;
    const cover = coverAt(place);
    const last = region.tables.at(-1);
    if (last && (cover ? base + cover.start : slot.at) < last.end) {
      last.slots.push(slot);
      last.end = Math.max(last.end, base + Math.min(cover?.end ?? 0, place.section.size));
    } else if (cover) {
      const end = base + Math.min(cover.end, place.section.size);
      region.starts.push(base + cover.start);
      region.tables.push({ start: base + cover.start, end, slots: [slot] });
    } else {
      region.loose ??= { start: base, end: base + place.section.size, slots: [] };
      region.loose.slots.push(slot);
    }
  }
}

const tablesOf = ({ tables, loose }: Region): readonly LabelTable[] => (loose ? [...tables, loose] : tables);

/** The last one that begins before an address or at it. */
const variableAt = ({ tables, starts }: Region, address: Address): LabelTable | null =>
  tables[lastNotAbove(starts, address)] ?? null;
