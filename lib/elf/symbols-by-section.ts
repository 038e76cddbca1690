// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The symbols of each section, found in two passes over all: for the many sections
// that are asked for one by one.

/** More sections than any kernel has. */
const MOST_SECTIONS = 2 ** 22;

export class SymbolsBySection {
  readonly #symbols: Uint32Array;
  /** Those of section n stand between #ends[n] and #ends[n + 1]. */
  readonly #ends: Uint32Array;

  /** `sectionOf`: the index of a symbol's section; negative if it is in none. */
  constructor(count: number, sectionOf: (symbol: number) => number) {
    /** Of each symbol its section and 1, or 0: what is in none, or in what only a damaged file has, is not asked for. */
    const groups = new Uint32Array(count);
    let last = 0;
    for (let symbol = 0; symbol < count; symbol++) {
      const section = sectionOf(symbol);
      const group = section >= 0 && section < MOST_SECTIONS ? section + 1 : 0;
      groups[symbol] = group;
      if (group > last) last = group;
    }
    const ends = new Uint32Array(last + 1);
    for (let symbol = 0; symbol < count; symbol++) {
      const group = groups[symbol] as number;
      ends[group] = (ends[group] as number) + 1;
    }
    for (let group = 0, sum = 0; group <= last; group++) {
      const size = ends[group] as number;
      ends[group] = sum;
      sum += size;
    }
    this.#symbols = new Uint32Array(count);
    for (let symbol = 0; symbol < count; symbol++) {
      const group = groups[symbol] as number;
      const at = ends[group] as number;
      this.#symbols[at] = symbol;
      ends[group] = at + 1;
    }
    this.#ends = ends;
  }

  /** In the order of the table. */
  of(section: number): Uint32Array {
    return this.#symbols.subarray(this.#ends[section] ?? this.#symbols.length, this.#ends[section + 1]);
  }
}
