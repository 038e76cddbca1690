// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the kernel does to its own code at boot: all patch tables of a link, by the
// instructions that they change.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHN } from '../elf/vocabulary.js';
import { AddressSet } from './address-set.js';
import type { Address, AddressSpace } from './address-space.js';
import { type Alternative, AlternativeSites } from './alternative-sites.js';
import { readAlternatives } from './alternatives.js';
import type { CodeRange } from './code-range.js';
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

/** What the tables say of some places, or of all. */
class Patches {
  readonly keys = new KeySites();
  readonly alternatives = new AlternativeSites();
  readonly fixups = new Map<Address, Address[]>();
  /** All of these but replacement code: asked for each instruction, of which few are patched. */
  readonly changed: AddressSet;
  /** Replacement code. */
  readonly replacing: AddressSet;
  readonly unknown: UnknownTable[] = [];

  constructor(space: AddressSpace) {
    this.changed = new AddressSet(space);
    this.replacing = new AddressSet(space);
  }

  /** Adds the entries of a table, and returns the table if its layout is unknown. */
  addEntries(
    table: Exclude<PatchTable, 'alternatives'>,
    rows: PatchRows<Address> | UnknownTable,
  ): UnknownTable | null {
    if (isUnknown(rows)) return rows;
    if (table === 'keys') {
      this.keys.addTable(rows, (site) => this.changed.add(site));
      return null;
    }
    for (let row = 0; row < rows.count; row++) {
      const [instruction, fixup] = [rows.place(row, 0), rows.place(row, 1)];
      if (instruction === undefined || fixup === undefined) continue;
      this.changed.add(instruction);
      push(this.fixups, instruction, fixup);
    }
    return null;
  }

  addAlternatives(alternatives: readonly Alternative[] | UnknownTable): UnknownTable | null {
    if (isUnknown(alternatives)) return alternatives;
    for (const alternative of alternatives) {
      const { original, length, replacement } = alternative;
      this.alternatives.add(alternative);
      for (let at = 0; at < length; at += 4) {
        this.changed.add(original + at);
        if (replacement !== null) this.replacing.add(replacement + at);
      }
    }
    return null;
  }
}

export class PatchTables {
  readonly #space: AddressSpace;
  /** The regions of hyp code, of which all is read; null: so it is of everything. */
  #first: ReadonlySet<number> | null;
  #patches: Patches;
  /** An object has static keys as branches: then a key is 16 bytes; otherwise it is read as data and is 4 bytes. */
  readonly hasKeyTable: boolean;

  /**
   * `ranges`: hyp code in sections of the host. A kernel patches thousands of places, few of them in hyp code: the others
   * are read when somebody asks of one.
   */
  constructor(space: AddressSpace, ranges: readonly CodeRange[] = []) {
    this.#space = space;
    const { objects } = space.image;
    const hyp = new Map(objects.map((object) => [object, hypSectionsOf(object, ranges)]));
    const first = [...hyp].flatMap(([object, sections]) =>
      sections.map((section) => space.regionOf(space.startOf(object, section))),
    );
    // The sections of a finished image may lie within one another, and a symbol of one be named for a place in another.
    const isWhole = first.length === 0 || objects.some(({ places }) => places !== null);
    this.#first = isWhole ? null : new Set(first);
    this.#patches = this.#read(isWhole ? null : hyp);
    this.hasKeyTable = objects.some((object) =>
      sectionsOf(object).patchTables.some(({ table }) => table === 'keys'),
    );
  }

  /** `only`: what is patched in these sections of each object; null: all. */
  #read(only: ReadonlyMap<ObjectFile, readonly Section[]> | null): Patches {
    const space = this.#space;
    const patches = new Patches(space);
    for (const object of space.image.objects) {
      // What an undefined symbol means is seen when it is resolved.
      const of = only ? object.symbols.markedIn([...(only.get(object) ?? []), undefinedSymbols]) : null;
      const resolve = (symbol: number, addend: number) => space.targetOf(object, symbol, addend);
      for (const { section, table } of sectionsOf(object).patchTables) {
        const fault =
          table === 'alternatives'
            ? patches.addAlternatives(readAlternatives(object, section, resolve, of))
            : patches.addEntries(table, readPatchRows(object, section, table, resolve, of));
        if (fault) patches.unknown.push(fault);
      }
    }
    return patches;
  }

  get #all(): Patches {
    if (this.#first) this.#patches = this.#read(null);
    this.#first = null;
    return this.#patches;
  }

  /** What is known of an address, which is all that the tables say of it. */
  #of(address: Address): Patches {
    return this.#first?.has(this.#space.regionOf(address)) === true ? this.#patches : this.#all;
  }

  /** Those of what has been read. */
  get unknown(): readonly UnknownTable[] {
    return this.#patches.unknown;
  }

  /** Whether a table says anything of an instruction. */
  changes(address: Address): boolean {
    return this.#of(address).changed.has(address);
  }

  /** Takes what a table says anything of out of a set of hyp code. */
  withoutChanged(set: AddressSet): void {
    set.removeAll(this.#patches.changed);
  }

  keysAt(address: Address): readonly KeySite[] {
    return this.changes(address) ? this.#patches.keys.at(address) : none;
  }

  /** The alternatives that replace an instruction, in the order in which they are applied. */
  alternativesAt(address: Address): readonly Alternative[] {
    return this.changes(address) ? this.#patches.alternatives.at(address) : none;
  }

  /** Where an instruction is executed: in place, or, of replacement code, where it is put. */
  executionPlaces(address: Address): readonly Address[] {
    return placesIn(this.#of(address), address);
  }

  /** The same; of replacement code, if it is executed in hyp code. */
  hypPlaces(address: Address): readonly Address[] {
    return placesIn(this.#patches, address);
  }

  /** Whether an instruction is executed where it stands, as all but replacement code. */
  isInPlace(address: Address): boolean {
    const patches = this.#of(address);
    return !patches.replacing.has(address) || placesIn(patches, address).includes(address);
  }

  fixupsAt(address: Address): readonly Address[] {
    return this.changes(address) ? (this.#patches.fixups.get(address) ?? none) : none;
  }

  /** Where control may go because of static keys and fixups, from each instruction that has one. */
  *edges(): Generator<readonly [Address, Address]> {
    const { keys, fixups } = this.#all;
    yield* keys.edges();
    for (const [at, targets] of fixups) for (const target of targets) yield [at, target];
  }
}

/** Where an instruction is executed. */
const placesIn = ({ replacing, alternatives }: Patches, address: Address): readonly Address[] => {
  const all = replacing.has(address) ? alternatives.replacing(address) : none;
  if (all.length === 0) return [address];
  return all.map(({ original, replacement }) => original + (address - (replacement ?? address)));
};

const undefinedSymbols = { index: SHN.UNDEF };

const hypSectionsOf = (object: ObjectFile, ranges: readonly CodeRange[]): readonly Section[] => [
  ...sectionsOf(object).hyp,
  ...ranges.flatMap(({ code }) => (code.object === object ? [code.section] : [])),
];

const none: readonly never[] = [];

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};
