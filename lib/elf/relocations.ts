// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A relocation table as one typed array. AArch64 uses RELA throughout, or clang's
// compact form, which is converted (crel.ts). An SHT_REL section comes from a
// foreign tool (profile data) and has no addends: callers ignore it and say so.
// [gABI "Relocation"], [AAELF64 "Relocation types"]

import { firstWhere } from './bisect.js';
import { wide } from './byte-source.js';
import { SHT } from './vocabulary.js';

/** Words in an Elf64_Rela. */
export const RELA_WORDS = 6;
const WORDS = RELA_WORDS;
/** Bytes in an Elf64_Rela. */
export const RELA_SIZE = 24;

/** Section types whose relocations are read. */
export const holdsAddends = ({ type }: { readonly type: number }): boolean =>
  type === SHT.RELA || type === SHT.CREL;

/** Section types that are relocations of some kind. */
export const holdsRelocations = (section: { readonly type: number }): boolean =>
  holdsAddends(section) || section.type === SHT.REL;

export interface Relocation {
  /** r_offset, bytes in the patched section. */
  readonly offset: number;
  /** ELF64_R_TYPE. */
  readonly type: number;
  /** ELF64_R_SYM. */
  readonly symbol: number;
  /** r_addend. */
  readonly addend: number;
}

export class RelocationTable {
  readonly count: number;
  readonly #words: Uint32Array;
  /** What lowerBound found last. */
  #lastBound = 0;

  constructor(words: Uint32Array) {
    this.count = Math.floor(words.length / WORDS);
    this.#words = words;
  }

  /** r_offset, bytes in the patched section (an address in a linked image). */
  offset(index: number): number {
    return wide(this.#words[index * WORDS] ?? 0, this.#words[index * WORDS + 1] ?? 0);
  }

  /** ELF64_R_TYPE. */
  type(index: number): number {
    return this.#words[index * WORDS + 2] ?? 0;
  }

  /** ELF64_R_SYM. */
  symbol(index: number): number {
    return this.#words[index * WORDS + 3] ?? 0;
  }

  /** r_addend, signed; rounded beyond 2^53, which no section offset reaches. */
  addend(index: number): number {
    return wide(this.#words[index * WORDS + 4] ?? 0, (this.#words[index * WORDS + 5] ?? 0) | 0);
  }

  entry(index: number): Relocation {
    return {
      offset: this.offset(index),
      type: this.type(index),
      symbol: this.symbol(index),
      addend: this.addend(index),
    };
  }

  /** A copy of some entries, by number. */
  pick(numbers: readonly number[]): RelocationTable {
    const words = new Uint32Array(numbers.length * WORDS);
    let to = 0;
    for (const number of numbers)
      for (let from = number * WORDS; from < (number + 1) * WORDS; from++)
        words[to++] = this.#words[from] as number;
    return new RelocationTable(words);
  }

  /** Tables in a row; one alone is itself. */
  static joined(tables: readonly RelocationTable[]): RelocationTable {
    const [first, second] = tables;
    if (first && !second) return first;
    const words = new Uint32Array(tables.reduce((sum, { count }) => sum + count * WORDS, 0));
    let at = 0;
    for (const table of tables) {
      words.set(table.#words.subarray(0, table.count * WORDS), at);
      at += table.count * WORDS;
    }
    return new RelocationTable(words);
  }

  /** Entries first .. first + count. */
  range(first: number, count: number): RelocationTable {
    return new RelocationTable(this.#words.subarray(first * WORDS, (first + count) * WORDS));
  }

  /** Entries whose symbol is marked with 1, in table order: a quick filter for tables of millions. */
  entriesOf(marked: Uint8Array): readonly number[] {
    const found: number[] = [];
    const words = this.#words;
    const { count } = this;
    for (let index = 0, at = 3; index < count; index++, at += WORDS) {
      if (marked[words[at] as number] === 1) found.push(index);
    }
    return found;
  }

  /** Whether the entries are sorted by r_offset. */
  isSorted(): boolean {
    for (let index = 1; index < this.count; index++) {
      if (this.offset(index) < this.offset(index - 1)) return false;
    }
    return true;
  }

  /** How many entries are in front of the first with r_offset >= `end`; null if those are not sorted by it. */
  countBelow(end: number): number | null {
    let last = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < this.count; index++) {
      const offset = this.offset(index);
      if (offset >= end) return index;
      if (offset < last) return null;
      last = offset;
    }
    return this.count;
  }

  /** The first entry of a sorted table with r_offset >= `offset`; count if there is none. */
  lowerBound(offset: number): number {
    const { count } = this;
    const last = this.#lastBound;
    // Code is read from place to place: mostly it is the same one, or the next.
    if (last === 0 || this.offset(last - 1) < offset) {
      if (last === count || this.offset(last) >= offset) return last;
      if (last + 1 === count || this.offset(last + 1) >= offset) {
        this.#lastBound = last + 1;
        return last + 1;
      }
    }
    this.#lastBound = firstWhere(count, (index) => this.offset(index) >= offset);
    return this.#lastBound;
  }
}
