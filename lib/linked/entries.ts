// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Relocations that are made, not read: by the ABI's names, against the symbol
// that an address of the image is best told by.

import { isBranchRelocation, relocationTypes } from '../aarch64/relocation-types.js';
import { isHypSection, patchTableOf } from '../code/sections.js';
import { RELA_WORDS, type Relocation, RelocationTable } from '../elf/relocations.js';
import type { Distance, Layout } from './layout.js';
import type { HostAlias, LinkedSymbols } from './linked-symbols.js';

const numbers = new Map<string, number>();
for (const [number, { name }] of relocationTypes) if (!numbers.has(name)) numbers.set(name, number);

/** ELF64_R_TYPE of a name without R_AARCH64_. */
export const typeNamed = (name: string): number => numbers.get(name) ?? 0;

/** S and A of an address. */
export type Target = Pick<Relocation, 'symbol' | 'addend'>;

/** What an address is had for: 'address', to compute with it. So it may be an end, which is the host's byte and hyp's name. */
export type Use = 'branch' | 'address' | 'other';

/** By the relocation that an address was put in with. Loads and stores use what is there. */
export const useOf = (type: string): Use => {
  if (type.startsWith('LD')) return 'other';
  return isBranchRelocation(typeNamed(type)) ? 'branch' : 'address';
};

/**
 * What has the name of a bound only: where hyp code ends and no other begins, and where a table begins in it. Of two bounds
 * the symbol of the inner part.
 */
const hypBoundsOf = ({ cuts }: Layout): ReadonlyMap<Distance, number> => {
  const isHyp = (at: Distance): boolean =>
    cuts.some(({ section, start, end }) => isHypSection(section) && start <= at && at < end);
  const found = new Map<Distance, number>();
  for (const { section, start, end, startSymbol, endSymbol } of cuts) {
    if (isHyp(end - 1) && !isHyp(end)) found.set(end, endSymbol);
    if (isHyp(start) && patchTableOf(section) !== null) found.set(start, startSymbol);
  }
  return found;
};

export class Targets {
  readonly #layout: Layout;
  readonly #symbols: LinkedSymbols;
  readonly #hypBounds: ReadonlyMap<Distance, number>;

  constructor(layout: Layout, symbols: LinkedSymbols) {
    this.#layout = layout;
    this.#symbols = symbols;
    this.#hypBounds = symbols.hasOwnLink ? new Map() : hypBoundsOf(layout);
  }

  /** Of an address that code of the host has, or hyp code up to 5.8. Outside the image: the null symbol. `use`: see Use. */
  of(at: Distance, use: Use = 'other'): Target {
    const bound = use === 'address' ? this.#hypBounds.get(at) : undefined;
    if (bound !== undefined) return { symbol: bound, addend: 0 };
    const spot = this.#layout.spotOf(at);
    if (!spot) return { symbol: 0, addend: at };
    return { symbol: this.#symbols.sectionSymbol(spot.section.index), addend: spot.offset };
  }

  /**
   * Of an address that hyp code has: the nVHE link can name the host's only by aliases. Where one of its own stands too
   * (the first variable behind `__hyp_bss_start`), that is meant.
   */
  ofHyp(at: Distance, use: Use = 'other'): Target {
    const own = this.#symbols.own.get(at);
    const alias = own === undefined ? this.#aliasAt(at, use === 'branch') : null;
    if (alias) return { symbol: alias.symbol, addend: at - alias.start };
    const target = this.of(at, use);
    // One that ends a section (`__per_cpu_end`) stands where the next one begins.
    const isEnd =
      own !== undefined && this.#layout.spotOf(at)?.section.index !== this.#symbols.sectionOf(own);
    return isEnd ? { symbol: own, addend: 0 } : target;
  }

  /** A bound has no size, and nobody branches to it. The end of a variable (`&x + 1`) is its own, whatever lies behind. */
  #aliasAt(at: Distance, isBranch: boolean): HostAlias | null {
    const aliases = this.#symbols.aliases.filter(({ start, end }) => !isBranch || end > start);
    const exact = aliases.find(({ start }) => start === at);
    const around = exact ?? aliases.find(({ start, end }) => start <= at && at < end);
    if (around || isBranch) return around ?? null;
    return aliases.find(({ end }) => end === at) ?? this.#tableAround(at);
  }

  /** A table of the script's has no other name than its bounds. */
  #tableAround(at: Distance): HostAlias | null {
    const section = this.#layout.spotOf(at)?.section;
    if (!section || patchTableOf(section) === null) return null;
    const first = this.#layout.startOf(section);
    return this.#symbols.aliases.find(({ start, isBound }) => isBound && start === first) ?? null;
  }
}

/** In order of their offsets. */
export const tableOf = (entries: readonly Relocation[]): RelocationTable => {
  const words = new Uint32Array(entries.length * RELA_WORDS);
  const ordered = [...entries].sort((a, b) => a.offset - b.offset);
  ordered.forEach(({ offset, type, symbol, addend }, index) => {
    words.set(
      [offset, offset / 2 ** 32, type, symbol, addend, Math.floor(addend / 2 ** 32)],
      index * RELA_WORDS,
    );
  });
  return new RelocationTable(words);
};
