// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the kernel does to its own code at boot: all patch tables of a link, by the
// instructions that they change.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { AddressSet } from './address-set.js';
import type { Address, AddressSpace } from './address-space.js';
import { type Alternative, AlternativeSites } from './alternative-sites.js';
import { readAlternatives } from './alternatives.js';
import type { Moved } from './instruction.js';
import { type KeySite, KeySites } from './key-sites.js';
import { sectionsOf } from './object-sections.js';
import type { PatchTable } from './sections.js';
import { isUnknown, type PatchRows, readPatchRows, type UnknownTable } from './table-layouts.js';

/** Replacement code is executed in place of the old: a branch within it stays within it. */
export const movedBy =
  ({ original, length }: Alternative, replacement: Address): Moved =>
  (target) =>
    target >= replacement && target <= replacement + length ? original + (target - replacement) : target;

export class PatchTables {
  readonly #keys = new KeySites();
  readonly #alternatives = new AlternativeSites();
  readonly #fixups = new Map<Address, Address[]>();
  /** All of these but replacement code: asked for each instruction, of which few are patched. */
  readonly #changed: AddressSet;
  /** Replacement code. */
  readonly #replacing: AddressSet;
  readonly unknown: readonly UnknownTable[];
  /** An object has static keys as branches: then a key is 16 bytes; otherwise it is read as data and is 4 bytes. */
  readonly hasKeyTable: boolean;

  /** `patchedOf`: only what is patched in these sections of an object is wanted; without it, all. */
  constructor(space: AddressSpace, patchedOf?: (object: ObjectFile) => readonly Section[]) {
    this.#changed = new AddressSet(space);
    this.#replacing = new AddressSet(space);
    const unknown: UnknownTable[] = [];
    let hasKeyTable = false;
    for (const object of space.image.objects) {
      const of = patchedOf ? object.symbols.markedIn(patchedOf(object)) : null;
      const resolve = (symbol: number, addend: number) => space.targetOf(object, symbol, addend);
      for (const { section, table } of sectionsOf(object).patchTables) {
        if (table === 'keys') hasKeyTable = true;
        const fault =
          table === 'alternatives'
            ? this.#addAlternatives(readAlternatives(object, section, resolve, of))
            : this.#addEntries(table, readPatchRows(object, section, table, resolve, of));
        if (fault) unknown.push(fault);
      }
    }
    this.unknown = unknown;
    this.hasKeyTable = hasKeyTable;
  }

  /** Whether a table says anything of an instruction. */
  changes(address: Address): boolean {
    return this.#changed.has(address);
  }

  /** Takes what a table says anything of out of a set. */
  withoutChanged(set: AddressSet): void {
    set.removeAll(this.#changed);
  }

  keysAt(address: Address): readonly KeySite[] {
    return this.changes(address) ? this.#keys.at(address) : none;
  }

  /** The alternatives that replace an instruction, in the order in which they are applied. */
  alternativesAt(address: Address): readonly Alternative[] {
    return this.changes(address) ? this.#alternatives.at(address) : none;
  }

  /** The alternatives whose replacement code contains an instruction. */
  replacementsAt(address: Address): readonly Alternative[] {
    return this.#replacing.has(address) ? this.#alternatives.replacing(address) : none;
  }

  /** Where an instruction is executed: in place, or, of replacement code, where it is put. */
  executionPlaces(address: Address): readonly Address[] {
    const alternatives = this.replacementsAt(address);
    if (alternatives.length === 0) return [address];
    return alternatives.map(({ original, replacement }) => original + (address - (replacement ?? address)));
  }

  /** Whether an instruction is executed where it stands, as all but replacement code. */
  isInPlace(address: Address): boolean {
    return !this.#replacing.has(address) || this.executionPlaces(address).includes(address);
  }

  fixupsAt(address: Address): readonly Address[] {
    return this.changes(address) ? (this.#fixups.get(address) ?? none) : none;
  }

  /** Where control may go because of static keys and fixups, from each instruction that has one. */
  *edges(): Generator<readonly [Address, Address]> {
    yield* this.#keys.edges();
    for (const [at, targets] of this.#fixups) for (const target of targets) yield [at, target];
  }

  /** Adds the entries of a table, and returns the table if its layout is unknown. */
  #addEntries(
    table: Exclude<PatchTable, 'alternatives'>,
    rows: PatchRows<Address> | UnknownTable,
  ): UnknownTable | null {
    if (isUnknown(rows)) return rows;
    if (table === 'keys') {
      this.#keys.addTable(rows, (site) => this.#changed.add(site));
      return null;
    }
    for (let row = 0; row < rows.count; row++) {
      const [instruction, fixup] = [rows.place(row, 0), rows.place(row, 1)];
      if (instruction === undefined || fixup === undefined) continue;
      this.#changed.add(instruction);
      push(this.#fixups, instruction, fixup);
    }
    return null;
  }

  #addAlternatives(alternatives: readonly Alternative[] | UnknownTable): UnknownTable | null {
    if (isUnknown(alternatives)) return alternatives;
    for (const alternative of alternatives) {
      const { original, length, replacement } = alternative;
      this.#alternatives.add(alternative);
      for (let at = 0; at < length; at += 4) {
        this.#changed.add(original + at);
        if (replacement !== null) this.#replacing.add(replacement + at);
      }
    }
    return null;
  }
}

const none: readonly never[] = [];

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};
