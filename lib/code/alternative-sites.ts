// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The alternatives of a link, by the instructions that they replace and by those of
// their replacement code. A kernel has thousands, most of them for atomic operations of
// host code that nobody asks about: only where each begins is noted.

import type { Address } from './address-space.js';
import type { AlternativeEntry } from './alternatives.js';
import { Starts } from './starts.js';

export type Alternative = AlternativeEntry<Address>;

export class AlternativeSites {
  readonly #all: Alternative[] = [];
  readonly #originals = new Starts();
  readonly #replacements = new Starts();
  #longest = 0;

  add(alternative: Alternative): void {
    const { original, replacement, length } = alternative;
    this.#all.push(alternative);
    this.#originals.add(original);
    this.#replacements.add(replacement);
    this.#longest = Math.max(this.#longest, length);
  }

  /** Those that replace an instruction, in the order in which they were added. */
  at(address: Address): readonly Alternative[] {
    return this.#around(this.#originals, address);
  }

  /** Those whose replacement code contains an instruction, in the same order. */
  replacing(address: Address): readonly Alternative[] {
    return this.#around(this.#replacements, address);
  }

  #around(starts: Starts, address: Address): readonly Alternative[] {
    const sites: number[] = [];
    for (let start = address; start > address - this.#longest; start -= 4)
      for (const site of starts.at(start))
        if (start + (this.#all[site]?.length ?? 0) > address) sites.push(site);
    return sites.sort((a, b) => a - b).map((site) => this.#all[site] as Alternative);
  }
}
