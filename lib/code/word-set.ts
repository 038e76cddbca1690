// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A set of words of one section, a bit for each.

export class WordSet {
  readonly #bits: Uint32Array;

  /** `size`: bytes of the section. */
  constructor(size: number) {
    this.#bits = new Uint32Array(Math.ceil(size / 128));
  }

  /** `index`: of a word. One outside the section is ignored. */
  add(index: number): void {
    this.#bits[index >>> 5] = (this.#bits[index >>> 5] as number) | (1 << (index & 31));
  }

  /** Another set of words of the same section. */
  addAll(words: WordSet): void {
    const bits = this.#bits;
    const other = words.#bits;
    for (let at = 0; at < bits.length; at++) bits[at] = (bits[at] as number) | (other[at] ?? 0);
  }

  removeAll(words: WordSet): void {
    const bits = this.#bits;
    const other = words.#bits;
    for (let at = 0; at < bits.length; at++) bits[at] = (bits[at] as number) & ~(other[at] ?? 0);
  }

  has(index: number): boolean {
    return ((this.#bits[index >>> 5] as number) & (1 << (index & 31))) !== 0;
  }
}
