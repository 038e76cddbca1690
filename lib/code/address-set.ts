// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A set of instructions: the words of each section that has any in the set. A walk
// of a large link adds a million of them.

import type { Address, AddressSpace } from './address-space.js';
import { WordSet } from './word-set.js';

interface Marks {
  readonly start: Address;
  readonly end: Address;
  readonly words: WordSet;
}

export class AddressSet {
  readonly #space: AddressSpace;
  readonly #marks = new Map<number, Marks>();
  /** Of the last address, if no other section is there: most are near the one before. */
  #last: Marks | undefined;

  constructor(space: AddressSpace) {
    this.#space = space;
  }

  /** An address that is not in a section is ignored. */
  add(address: Address): void {
    const marks = this.#near(address) ?? this.#make(address);
    if (marks) marks.words.add((address - marks.start) >>> 2);
  }

  has(address: Address): boolean {
    const marks = this.#near(address);
    return marks?.words.has((address - marks.start) >>> 2) === true;
  }

  /** Adds words of the section that begins at an address. */
  addAll(start: Address, words: WordSet): void {
    const marks = this.#near(start) ?? this.#make(start);
    marks?.words.addAll(words);
  }

  /** Takes out what is in another set. */
  removeAll(other: AddressSet): void {
    for (const [region, { words }] of other.#marks) this.#marks.get(region)?.words.removeAll(words);
  }

  /** Adds what lies from an address on and before `end`, as far as it is in another set and not yet in this; returns what comes next. */
  addRun(from: Address, end: Address, other: AddressSet): Address {
    const wanted = other.#near(from);
    const marks = wanted && (this.#near(from) ?? this.#make(from));
    if (!marks) return from;
    const { start, words } = marks;
    const last = Math.ceil((Math.min(end, marks.end) - start) / 4);
    let index = (from - start) >>> 2;
    while (index < last && wanted.words.has(index) && !words.has(index)) words.add(index++);
    return start + index * 4;
  }

  /** Adds from an address to another one (exclusive) in the same section. */
  addRange(from: Address, end: Address): void {
    const marks = this.#near(from) ?? this.#make(from);
    if (!marks) return;
    const { start, words } = marks;
    const last = Math.ceil((Math.min(end, marks.end) - start) / 4);
    for (let index = (from - start) >>> 2; index < last; index++) words.add(index);
  }

  #near(address: Address): Marks | undefined {
    const last = this.#last;
    if (last && address >= last.start && address < last.end) return last;
    const region = this.#space.regionOf(address);
    const marks = this.#marks.get(region);
    this.#last = this.#space.isApart(region) ? marks : undefined;
    return marks && address >= marks.start && address < marks.end ? marks : undefined;
  }

  #make(address: Address): Marks | null {
    const place = this.#space.placeOf(address);
    if (!place) return null;
    // Whatever a damaged header says of the section, its code is in the file.
    const size = Math.min(place.section.size, place.object.size);
    if (place.offset < 0 || place.offset >= size) return null;
    const start = address - place.offset;
    const marks = { start, end: start + size, words: new WordSet(size) };
    this.#marks.set(this.#space.regionOf(address), marks);
    return marks;
  }
}
