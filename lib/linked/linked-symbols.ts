// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The symbols of a linked image as those of an object: values are offsets in the
// parts of sections that the layout knows, and each part has a section symbol.
// What the linker script made of a host symbol for the nVHE link (`__kvm_nvhe_X
// = X`) is undefined again, as it was in vmlinux.o, and is told as an alias: two
// symbols of one address, one name with the prefix and one without.

import { mappingKind } from '../code/mapping-symbols.js';
import { isHypSection } from '../code/sections.js';
import type { SymbolParts } from '../elf/object-file.js';
import { SymbolTable } from '../elf/symbols.js';
import { SHF, SHN, STB, STT } from '../elf/vocabulary.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import { bounds } from './bounds.js';
import type { Distance, Layout } from './layout.js';

/** Words in an Elf64_Sym. */
const WORDS = 6;

/** `__hyp_text_end`, `__bss_stop`, `__start___kvm_ex_table`. */
const BOUND = /^_\w*_(start|end|begin|stop)$|^__(start|stop|bss|end)_/;

/** A symbol that stands for a host's in the nVHE link. */
export interface HostAlias {
  readonly symbol: number;
  readonly hostSymbol: number;
  /** The linker script defines the host's, as the end of something: no object has it. */
  readonly isBound: boolean;
  /** Its name, and the host's. */
  readonly name: string;
  readonly host: string;
  readonly start: Distance;
  /** One past the last byte of the host's; `start` where that has no size. */
  readonly end: Distance;
}

/** A run of code or data in a section, by its start. */
export interface Run {
  readonly section: number;
  readonly offset: number;
  readonly isCode: boolean;
}

export class LinkedSymbols {
  /** By start. */
  readonly aliases: readonly HostAlias[];
  /** Symbols of the nVHE link that are its own, by address. */
  readonly own: ReadonlyMap<Distance, number>;
  readonly #parts: SymbolParts;
  readonly #sectionCount: number;
  readonly #words: Uint32Array;
  /** The image's, and those of mapping symbols behind them. */
  readonly #names: Buffer;
  /** The first section symbol; one for each section follows. */
  readonly #first: number;

  constructor(parts: SymbolParts, given: SymbolTable, layout: Layout) {
    this.#parts = parts;
    this.#sectionCount = layout.sections.length;
    this.#first = given.count;
    const { aliases, own } = namesOf(given, layout);
    this.aliases = aliases;
    this.own = own;
    this.#words = parts.words.slice(0, given.count * WORDS);
    this.#names = Buffer.concat([parts.names, Buffer.from('\0$d\0$x\0')]);
    this.#place(layout);
    for (const symbol of given.withPrefix(`${NVHE_PREFIX}__hyp_section_`)) {
      const section = layout.sections[this.sectionOf(symbol)];
      if (section && !isHypSection(section)) this.#set(symbol, SHN.UNDEF, 0);
    }
    this.#hideBounds(given, layout);
    for (const { symbol, hostSymbol, isBound } of this.aliases)
      for (const one of isBound ? [symbol, hostSymbol] : [symbol]) this.#set(one, SHN.UNDEF, 0);
  }

  /** The symbol that stands for a section. */
  sectionSymbol(index: number): number {
    return this.#first + index;
  }

  /** The section that a symbol is in. */
  sectionOf(symbol: number): number {
    return (this.#words[symbol * WORDS + 1] ?? 0) >>> 16;
  }

  /** The table, with mapping symbols for runs that the image has none for. */
  table(runs: readonly Run[]): SymbolTable {
    const { length } = this.#parts.names;
    const [data, code] = [length + 1, length + 4];
    const words = new Uint32Array((this.#first + this.#sectionCount + runs.length) * WORDS);
    words.set(this.#words);
    let at = this.#first * WORDS;
    for (let section = 0; section < this.#sectionCount; section++, at += WORDS)
      words[at + 1] = STT.SECTION | (section << 16);
    for (const { section, offset, isCode } of runs) {
      words.set([isCode ? code : data, STT.NOTYPE | (section << 16), offset], at);
      at += WORDS;
    }
    return new SymbolTable(words, this.#names, this.#parts.extended);
  }

  /** A bound covers nothing: what has no symbol of its own behind one is not it. */
  #hideBounds(given: SymbolTable, layout: Layout): void {
    const ends = new Set(bounds.flatMap(({ start, end }) => [start, end]));
    for (let symbol = 1; symbol < given.count; symbol++) {
      const isLabel = given.type(symbol) === STT.NOTYPE && given.size(symbol) === 0;
      if (!isLabel || given.binding(symbol) === STB.LOCAL || given.isUndefined(symbol)) continue;
      const name = given.name(symbol);
      if (name.startsWith(NVHE_PREFIX)) continue;
      const section = layout.sections[this.sectionOf(symbol)];
      const isData = section !== undefined && (section.flags & SHF.EXECINSTR) === 0;
      if (ends.has(name) || (isData && BOUND.test(name))) this.#set(symbol, SHN.UNDEF, 0);
    }
  }

  #set(symbol: number, section: number, value: number): void {
    const at = symbol * WORDS;
    this.#words[at + 1] = ((this.#words[at + 1] ?? 0) & 0xffff) | (section << 16);
    this.#words[at + 2] = value;
    this.#words[at + 3] = value / 2 ** 32;
  }

  /** Addresses become offsets. An absolute symbol with an address of the image has one too: scripts make such. */
  #place(layout: Layout): void {
    const words = this.#words;
    const starts = layout.sections.map((section) =>
      section.address === 0n ? null : layout.startOf(section),
    );
    const [lowest, highest] = layout.cuts.reduce(
      ([low, high], { start, end }) => [Math.min(low, start), Math.max(high, end)],
      [Infinity, -Infinity],
    );
    for (let at = WORDS; at < words.length; at += WORDS) {
      let section = (words[at + 1] ?? 0) >>> 16;
      if (section === SHN.UNDEF || (section >= SHN.LORESERVE && section !== SHN.ABS)) continue;
      const where = layout.distanceOfWords(words[at + 2] ?? 0, words[at + 3] ?? 0);
      if (section === SHN.ABS || (where >= lowest && where < highest)) {
        const spot = layout.spotOf(where);
        // A bound may end its section where another begins.
        const isOther = section !== SHN.ABS && layout.wholeOf(where)?.index !== section;
        if (spot && !isOther) section = spot.section.index;
        else if (section === SHN.ABS) continue;
      }
      const start = starts[section];
      if (start === null || start === undefined) continue;
      words[at + 1] = ((words[at + 1] ?? 0) & 0xffff) | (section << 16);
      words[at + 2] = where - start;
      words[at + 3] = Math.floor((where - start) / 2 ** 32);
    }
  }
}

/** Where a section of the nVHE link began (gen-hyprel's): of an empty one it is anywhere. */
const isMarker = (name: string): boolean => name.startsWith(`${NVHE_PREFIX}__hyp_section_`);

/** What the nVHE link's names stand for: the host's, or its own. */
const namesOf = (
  symbols: SymbolTable,
  layout: Layout,
): { readonly aliases: readonly HostAlias[]; readonly own: ReadonlyMap<Distance, number> } => {
  const prefixed = new Map<string, number>();
  const own = new Map<Distance, number>();
  for (const symbol of symbols.withPrefix(NVHE_PREFIX)) {
    const name = symbols.name(symbol);
    if (symbols.isUndefined(symbol) || mappingKind(name) !== null || isMarker(name)) continue;
    if (symbols.binding(symbol) === STB.LOCAL) own.set(layout.distanceOf(symbols.address(symbol)), symbol);
    else prefixed.set(name.slice(NVHE_PREFIX.length), symbol);
  }
  const aliases: HostAlias[] = [];
  const hosts = symbols.globalsNamed(prefixed.keys());
  for (const [host, symbol] of prefixed) {
    const address = symbols.address(symbol);
    const start = layout.distanceOf(address);
    const same = hosts.get(host);
    if (same !== undefined && symbols.address(same) === address)
      aliases.push({
        symbol,
        hostSymbol: same,
        isBound: BOUND.test(host) && symbols.size(same) === 0,
        name: `${NVHE_PREFIX}${host}`,
        host,
        start,
        end: start + symbols.size(same),
      });
    else own.set(start, symbol);
  }
  return { aliases: aliases.sort((a, b) => a.start - b.start), own };
};
