// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A set of instructions, one byte for each word of the sections that have any:
// a walk of a large link puts a million of them in.

import type { Address, AddressSpace } from './address-space.js';

export class AddressSet {
  readonly #space: AddressSpace;
  readonly #marks = new Map<number, { readonly start: Address; readonly words: Uint8Array }>();

  constructor(space: AddressSpace) {
    this.#space = space;
  }

  /** An address that is no instruction's of a section is left out. */
  add(address: Address): void {
    const marks = this.#marksOf(address);
    if (marks) marks.words[(address - marks.start) >>> 2] = 1;
  }

  has(address: Address): boolean {
    const marks = this.#marks.get(this.#space.regionOf(address));
    return marks !== undefined && marks.words[(address - marks.start) >>> 2] === 1;
  }

  #marksOf(address: Address): { readonly start: Address; readonly words: Uint8Array } | null {
    const region = this.#space.regionOf(address);
    const known = this.#marks.get(region);
    if (known) return known;
    const place = this.#space.placeOf(address);
    if (!place) return null;
    const marks = { start: address - place.offset, words: new Uint8Array(Math.ceil(place.section.size / 4)) };
    this.#marks.set(region, marks);
    return marks;
  }
}
