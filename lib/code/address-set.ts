// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A set of instructions: one byte per word of each section that has any in the
// set. A walk of a large link adds a million of them.

import type { Address, AddressSpace } from './address-space.js';

export class AddressSet {
  readonly #space: AddressSpace;
  readonly #marks = new Map<number, { readonly start: Address; readonly words: Uint8Array }>();

  constructor(space: AddressSpace) {
    this.#space = space;
  }

  /** An address that is not in a section is ignored. */
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
