// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Places of a link as numbers, so that they can be compared, added to and kept in
// sets. Each section that is asked for, and each undefined name, gets a region of
// its own, far enough from the next that no offset reaches it. The sections of a
// linked image share one, at their distances: code computes with them.

import type { ImagePlaces, ObjectFile, Section } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Place, PlacedTarget } from '../link/place.js';

/** A place as one number. */
export type Address = number;

/** Bytes from the start of one region to the next; an offset may be negative by less than half of it. */
const REGION = 2 ** 36;
/** How far an address may be from the start of its section, or of its name: what is beyond would be another's. */
export const REACH = REGION / 2;

/** More sections than an image has. */
const SECTIONS = 2 ** 20;

type Region =
  | { readonly kind: 'section'; readonly object: ObjectFile; readonly section: Section }
  | { readonly kind: 'image'; readonly object: ObjectFile; readonly places: ImagePlaces }
  | { readonly kind: 'name'; readonly name: string };

/** Where a symbol is. */
interface FoundSymbol {
  readonly object: ObjectFile;
  readonly symbol: number;
  /** null: not in the object itself, or not for sure. */
  readonly section: Section | null;
  readonly start: Address;
  /** st_value. */
  readonly value: number;
}

/** Symbols that are remembered: patch tables name few, again and again. A power of two. */
const NEAR = 64;

export class AddressSpace {
  readonly image: Image;
  readonly #regions: Region[] = [];
  readonly #sections = new Map<Section, Address>();
  readonly #names = new Map<string, Address>();
  readonly #images = new Map<ObjectFile, Address>();
  /** Recent symbols, by the low bits of their numbers. */
  readonly #near: (FoundSymbol | undefined)[] = new Array(NEAR);

  constructor(image: Image) {
    this.image = image;
  }

  /** The address of a section's first byte. */
  startOf(object: ObjectFile, section: Section): Address {
    const known = this.#sections.get(section);
    if (known !== undefined) return known;
    const { places } = object;
    const start =
      places && section.address !== 0n
        ? this.#imageOf(object, places) + places.startOf(section)
        : this.#add({ kind: 'section', object, section });
    this.#sections.set(section, start);
    return start;
  }

  #imageOf(object: ObjectFile, places: ImagePlaces): Address {
    const known = this.#images.get(object);
    if (known !== undefined) return known;
    const start = this.#add({ kind: 'image', object, places });
    this.#images.set(object, start);
    return start;
  }

  addressOf({ object, section, offset }: Place): Address {
    return this.#from(this.startOf(object, section), offset, section.name);
  }

  /** A damaged file may say S + A of any size. Numbers so large are not even exact: such a place is nowhere. */
  #from(start: Address, by: number, name: string): Address {
    return Math.abs(by) < REACH ? start + by : this.addressOfName(`${name}+${by}`);
  }

  /** Where an undefined (or absolute, or common) symbol would be. */
  addressOfName(name: string): Address {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const start = this.#add({ kind: 'name', name });
    this.#names.set(name, start);
    return start;
  }

  /** S + A of a relocation. */
  targetOf(object: ObjectFile, symbol: number, addend: number): Address {
    const slot = symbol & (NEAR - 1);
    let near = this.#near[slot];
    if (near?.symbol !== symbol || near.object !== object) {
      near = this.#findSymbol(object, symbol);
      this.#near[slot] = near;
    }
    const { section } = near;
    return section
      ? this.#from(near.start, near.value + addend, section.name)
      : this.addressOfTarget(this.image.resolve(object, symbol, addend), addend);
  }

  /** Most symbols are in the object itself; the image is asked for the others. */
  #findSymbol(object: ObjectFile, symbol: number): FoundSymbol {
    const section = object.sections[object.symbols.section(symbol)];
    const isHere = section && section.index !== 0 && !this.image.mayGiveWay(object, symbol);
    return isHere
      ? { object, symbol, section, start: this.startOf(object, section), value: object.symbols.value(symbol) }
      : { object, symbol, section: null, start: 0, value: 0 };
  }

  /** The same for a target that is resolved already; only names use `addend`. */
  addressOfTarget(target: PlacedTarget, addend: number): Address {
    return target.kind === 'place'
      ? this.addressOf(target.place)
      : this.#from(this.addressOfName(target.name), addend, target.name);
  }

  /** The number of an address's region: equal for addresses of one section, and for no others. */
  regionOf(address: Address): number {
    const number = Math.round(address / REGION);
    const region = this.#regions[number - 1];
    if (region?.kind !== 'image') return number;
    const spot = region.places.spotNear(address - number * REGION);
    return number + ((spot?.section.index ?? 0) + 1) / SECTIONS;
  }

  /** Whether nothing else lies within a region's section: of an image's, hyp text may lie within .text. */
  isApart(region: number): boolean {
    return Number.isInteger(region);
  }

  /** The place, or null if the region is that of a name. */
  placeOf(address: Address): Place | null {
    const number = Math.round(address / REGION);
    const region = this.#regions[number - 1];
    if (region?.kind === 'section')
      return { object: region.object, section: region.section, offset: address - number * REGION };
    if (region?.kind !== 'image') return null;
    const spot = region.places.spotNear(address - number * REGION);
    return spot && { object: region.object, ...spot };
  }

  /** The name of an undefined symbol, or null. */
  nameOf(address: Address): string | null {
    const region = this.#regions[Math.round(address / REGION) - 1];
    return region?.kind === 'name' ? region.name : null;
  }

  #add(region: Region): Address {
    this.#regions.push(region);
    return this.#regions.length * REGION;
  }
}
