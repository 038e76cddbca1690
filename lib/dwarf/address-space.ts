// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an address is. In a relocatable object it is a section and an offset, and
// only the relocation has them: the bytes in place are mostly 0. In a linked image
// it is a number, and relocations are ignored (--emit-relocs leaves some behind
// that are applied already). Layers above this file see a Place in both cases.

import type { ObjectFile, Section } from '../elf/object-file.js';
import type { RelocationTable } from '../elf/relocations.js';
import { ET, SHF } from '../elf/vocabulary.js';

/** Where something is: bytes from the start of a section. */
export interface Place {
  /** The section's index; ABSOLUTE in linked images, NOWHERE for a number that no relocation made an address. */
  readonly section: number;
  /** In linked images relative to the image's base, so that kernel addresses stay below 2^53. */
  readonly offset: number;
}

/** Offsets start .. end (exclusive) of a section. */
export interface AddressRange {
  readonly section: number;
  readonly start: number;
  readonly end: number;
}

export const holds = (range: AddressRange, place: Place): boolean =>
  range.section === place.section && range.start <= place.offset && place.offset < range.end;

export const ABSOLUTE = -1;
export const NOWHERE = -2;

/** Bytes that an r_type fills. [AAELF64 "Static Data relocations"] R_AARCH64_NONE has two numbers. */
const relocationWidths: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [256, 0],
  [257, 8], // ABS64
  [258, 4], // ABS32
  [259, 2], // ABS16
]);

/** R_AARCH64_ABS64, the only relocation that an address in debug information has. */
export const ABS64 = 257;

export class AddressSpace {
  /** Whether relocations make the values: in ET_REL. */
  readonly relocatable: boolean;
  readonly #object: ObjectFile;
  readonly #base: bigint;

  constructor(object: ObjectFile) {
    this.#object = object;
    this.relocatable = object.type === ET.REL;
    this.#base =
      object.sections.find((section) => (section.flags & SHF.ALLOC) !== 0 && section.address !== 0n)
        ?.address ?? 0n;
  }

  placeIn(section: Section, offset: number): Place {
    if (this.relocatable) return { section: section.index, offset };
    return this.fromNumber(section.address + BigInt(offset));
  }

  /** A 64-bit number that no relocation changed. */
  fromNumber(address: bigint): Place {
    if (this.relocatable) return { section: NOWHERE, offset: Number(address) };
    return { section: ABSOLUTE, offset: Number(BigInt.asIntN(64, address - this.#base)) };
  }

  /** The 64-bit number of a place in a linked image. */
  numberOf(place: Place): bigint {
    return BigInt.asUintN(64, BigInt(place.offset) + this.#base);
  }

  /** Bytes that a relocation fills; null for a type that debug information does not use. */
  widthOf(type: number): number | null {
    return relocationWidths.get(type) ?? null;
  }

  /** The A with which a symbol's relocation gives a place of a relocatable object; null if its section is another. */
  addendFor(symbol: number, place: Place): number | null {
    const symbols = this.#object.symbols;
    return symbols.section(symbol) === place.section ? place.offset - symbols.value(symbol) : null;
  }

  /** S + A. For an undefined symbol the section is SHN_UNDEF (0), which is none of ours. */
  relocated(table: RelocationTable, index: number): Place {
    const symbols = this.#object.symbols;
    const symbol = table.symbol(index);
    return { section: symbols.section(symbol), offset: symbols.value(symbol) + table.addend(index) };
  }
}
