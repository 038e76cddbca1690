// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where the names and sections of a finished image are: addresses, which are
// final, by its own symbols.

import type { Extent } from '../code/code-range.js';
import type { SymbolTable } from '../elf/symbols.js';
import { STB, STT } from '../elf/vocabulary.js';
import type { Distance, Layout } from './layout.js';
import { BOUND } from './linked-symbols.js';

export class ImageLocations {
  readonly #symbols: SymbolTable;
  readonly #layout: Layout;
  readonly #locals: number;
  readonly #found = new Map<string, number | null>();
  #labels: ReadonlyMap<string, number> | undefined;

  /** `symbols` hold addresses; `locals`: how many of them, the first ones, are local. */
  constructor(symbols: SymbolTable, layout: Layout, locals: number) {
    this.#symbols = symbols;
    this.#locals = locals;
    this.#layout = layout;
  }

  symbol(name: string): Distance | null {
    const symbol = this.#named(name);
    return symbol === null ? null : this.#layout.distanceOf(this.#symbols.address(symbol));
  }

  section(name: string): Extent | null {
    const found = this.#layout.sections.find((section) => section.name === name && section.address !== 0n);
    if (!found) return null;
    const start = this.#layout.startOf(found);
    return { start, end: start + found.size };
  }

  variable(name: string): Extent | null {
    const symbol = this.#named(name);
    const start = this.symbol(name);
    return symbol === null || start === null ? null : { start, end: start + this.#symbols.size(symbol) };
  }

  placesOf(section: string): readonly Distance[] {
    const extent = this.section(section);
    return extent ? [extent.start] : [];
  }

  #named(name: string): number | null {
    this.#labels ??= this.#readLabels();
    let symbol = this.#labels.get(name) ?? this.#found.get(name);
    // A bound is a label, or it is not there.
    if (symbol === undefined && BOUND.test(name)) return null;
    if (symbol === undefined) {
      symbol = this.#symbols.globalsNamed([name]).get(name) ?? null;
      this.#found.set(name, symbol);
    }
    return symbol;
  }

  /** What a linker script defines has no type and no size: read at once, since most names that are asked for are such. */
  #readLabels(): ReadonlyMap<string, number> {
    const symbols = this.#symbols;
    const labels = new Map<string, number>();
    for (let symbol = this.#locals; symbol < symbols.count; symbol++) {
      const isLabel = symbols.type(symbol) === STT.NOTYPE && symbols.size(symbol) === 0;
      if (isLabel && symbols.binding(symbol) !== STB.LOCAL && !symbols.isUndefined(symbol))
        labels.set(symbols.name(symbol), symbol);
    }
    return labels;
  }
}
