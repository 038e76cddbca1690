// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The symbols of a linked image as those of an object: values are offsets in the
// parts of sections that the layout knows, and each part has a section symbol.
// What the linker script made of a host symbol for the nVHE link (`__kvm_nvhe_X
// = X`) is undefined again, as it was in vmlinux.o, and is told as an alias: two
// symbols of one address, one name with the prefix and one without.

import { mappingKind } from '../code/mapping-symbols.js';
import { isHypSection } from '../code/sections.js';
import type { SymbolParts } from '../elf/symbol-parts.js';
import { SymbolTable } from '../elf/symbols.js';
import { SHF, SHN, STB, STT } from '../elf/vocabulary.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import { bounds } from './bounds.js';
import type { Distance, Layout } from './layout.js';

/** Words in an Elf64_Sym. */
const WORDS = 6;

/** `__hyp_text_end`, `__bss_stop`, `__start___kvm_ex_table`. */
export const BOUND = /^_\w*_(start|end|begin|stop)$|^__(start|stop|bss|end)_/;

/** A symbol that stands for a host's in the nVHE link. */
export interface HostAlias {
  readonly symbol: number;
  readonly hostSymbol: number;
  /** The linker script defines the host's, as the end of something: no object has it. */
  readonly isBound: boolean;
  /** Its name, and the host's. */
  readonly name: string;
  readonly host: string;
  /** What the host's name is another name of (jiffies, of jiffies_64); null: of nothing. */
  readonly of: string | null;
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

/** Where in the string table the names of mapping symbols are. */
interface RunNames {
  readonly data: number;
  readonly code: number;
}

/** Runs for which there is room behind the symbols; if there are more, the table is copied. */
const MOST_RUNS = 1024;

export class LinkedSymbols {
  /** By start. */
  readonly aliases: readonly HostAlias[];
  /** Symbols of the nVHE link that are its own, by address. */
  readonly own: ReadonlyMap<Distance, number>;
  /** Hyp code is linked by itself, with names of its own. (v5.9 and later) */
  readonly hasOwnLink: boolean;
  readonly #extended: Uint32Array | null;
  /** Where those begin that other objects can name. */
  readonly #locals: number;
  readonly #sectionCount: number;
  /** The image's, those of sections, and room for runs. */
  readonly #words: Uint32Array;
  /** The image's, and those of mapping symbols. */
  readonly #names: Buffer;
  readonly #runNames: RunNames;
  /** The first section symbol; one for each section follows. */
  readonly #first: number;

  /** `parts`: those that `given` is made of, once more. */
  constructor(parts: SymbolParts, given: SymbolTable, layout: Layout) {
    this.#extended = parts.extended;
    this.#locals = parts.table.info;
    this.#sectionCount = layout.sections.length;
    this.#first = given.count;
    const prefixed = given.withPrefix(NVHE_PREFIX);
    this.hasOwnLink = prefixed.length > 0;
    const { aliases, own, markers } = namesOf(given, prefixed, layout);
    this.aliases = aliases;
    this.own = own;
    this.#words = new Uint32Array((this.#first + this.#sectionCount + MOST_RUNS) * WORDS);
    this.#words.set(parts.words.subarray(0, given.count * WORDS));
    const { names, runNames } = withMappingNames(parts.names);
    this.#names = names;
    this.#runNames = runNames;
    this.#place(layout);
    for (const symbol of markers) {
      const section = layout.sections[this.sectionOf(symbol)];
      if (section && !isHypSection(section)) this.#set(symbol, SHN.UNDEF, 0);
    }
    this.#hideBounds(given, layout);
    for (const { symbol, hostSymbol, isBound, of } of this.aliases)
      for (const one of isBound || of !== null ? [symbol, hostSymbol] : [symbol])
        this.#set(one, SHN.UNDEF, 0);
    let at = this.#first * WORDS;
    for (let section = 0; section < this.#sectionCount; section++, at += WORDS)
      this.#words[at + 1] = STT.SECTION | (section << 16);
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
    const used = (this.#first + this.#sectionCount) * WORDS;
    const size = used + runs.length * WORDS;
    const words = size <= this.#words.length ? this.#words.subarray(0, size) : grown(this.#words, size);
    let at = used;
    for (const { section, offset, isCode } of runs) {
      const name = isCode ? this.#runNames.code : this.#runNames.data;
      words.set([name, STT.NOTYPE | (section << 16), offset, 0, 0, 0], at);
      at += WORDS;
    }
    return new SymbolTable(words, this.#names, this.#extended, this.#locals);
  }

  /** A bound covers nothing: what has no symbol of its own behind one is not it. */
  #hideBounds(given: SymbolTable, layout: Layout): void {
    const ends = new Set(bounds.flatMap(({ start, end }) => [start, end]));
    const words = this.#words;
    for (let symbol = this.#locals, at = symbol * WORDS; symbol < given.count; symbol++, at += WORDS) {
      // Neither local (STB) nor of any type (STT), nor of any size.
      const info = (words[at + 1] ?? 0) & 0xff;
      if (info < 16 || (info & 0xf) !== STT.NOTYPE || words[at + 4] !== 0 || words[at + 5] !== 0) continue;
      if (given.isUndefined(symbol)) continue;
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
    const base = layout.baseWords;
    const starts = layout.sections.map((section) => (section.address === 0n ? -1 : layout.startOf(section)));
    const [lowest, highest] = extentsOfCuts(layout);
    for (let at = WORDS; at < this.#first * WORDS; at += WORDS) {
      let section = (words[at + 1] ?? 0) >>> 16;
      if (section === SHN.UNDEF || (section >= SHN.LORESERVE && section !== SHN.ABS)) continue;
      const where = ((words[at + 3] ?? 0) - base.high) * 2 ** 32 + ((words[at + 2] ?? 0) - base.low);
      if (section === SHN.ABS || (where >= (lowest[section] ?? 0) && where < (highest[section] ?? 0))) {
        const spot = layout.spotOf(where);
        // A bound may end its section where another begins.
        const isOther = section !== SHN.ABS && layout.wholeOf(where)?.index !== section;
        if (spot && !isOther) section = spot.section.index;
        else if (section === SHN.ABS) continue;
      }
      const start = starts[section] ?? -1;
      if (start < 0) continue;
      words[at + 1] = ((words[at + 1] ?? 0) & 0xffff) | (section << 16);
      words[at + 2] = where - start;
      words[at + 3] = Math.floor((where - start) / 2 ** 32);
    }
  }
}

/** By section of the image, from where to where parts are cut out of it; nowhere: both 0. */
const extentsOfCuts = (layout: Layout): readonly [lowest: readonly number[], highest: readonly number[]] => {
  const lowest = new Array<number>(layout.sections.length).fill(0);
  const highest = [...lowest];
  for (const { start, end } of layout.cuts) {
    const whole = layout.wholeOf(start)?.index;
    if (whole === undefined) continue;
    if (highest[whole] === 0) lowest[whole] = start;
    lowest[whole] = Math.min(lowest[whole] ?? start, start);
    highest[whole] = Math.max(highest[whole] ?? end, end);
  }
  return [lowest, highest];
};

/** Names with those of mapping symbols, which most images have. */
const withMappingNames = (given: Buffer): { readonly names: Buffer; readonly runNames: RunNames } => {
  const [data, code] = [given.indexOf('\0$d\0'), given.indexOf('\0$x\0')];
  if (data >= 0 && code >= 0) return { names: given, runNames: { data: data + 1, code: code + 1 } };
  const { length } = given;
  const names = Buffer.concat([given, Buffer.from('\0$d\0$x\0')]);
  return { names, runNames: { data: length + 1, code: length + 4 } };
};

const grown = (words: Uint32Array, size: number): Uint32Array => {
  const larger = new Uint32Array(size);
  larger.set(words);
  return larger;
};

/** Where a section of the nVHE link began (gen-hyprel's): of an empty one it is anywhere. */
const isMarker = (name: string): boolean => name.startsWith(`${NVHE_PREFIX}__hyp_section_`);

/** The variable of which a name without a size is another name: scripts make such. */
const sizedAt = (symbols: SymbolTable, symbol: number): number | null => {
  const [value, address] = [symbols.value(symbol), symbols.address(symbol)];
  if (symbols.type(symbol) !== STT.OBJECT) return null;
  for (let other = 1; other < symbols.count; other++) {
    // A value is rounded, an address costs more.
    if (symbols.value(other) !== value || symbols.binding(other) === STB.LOCAL) continue;
    const isSized = symbols.type(other) === STT.OBJECT && symbols.size(other) > 0;
    if (isSized && symbols.address(other) === address) return other;
  }
  return null;
};

interface NvheNames {
  readonly aliases: readonly HostAlias[];
  readonly own: ReadonlyMap<Distance, number>;
  readonly markers: readonly number[];
}

/** What the nVHE link's names stand for: the host's, or its own. */
const namesOf = (symbols: SymbolTable, all: readonly number[], layout: Layout): NvheNames => {
  const prefixed = new Map<string, number>();
  const own = new Map<Distance, number>();
  const markers: number[] = [];
  for (const symbol of all) {
    const name = symbols.name(symbol);
    if (isMarker(name)) markers.push(symbol);
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
    if (same !== undefined && symbols.address(same) === address) {
      const size = symbols.size(same);
      const isBound = BOUND.test(host) && size === 0;
      const other = size === 0 && !isBound ? sizedAt(symbols, same) : null;
      aliases.push({
        symbol,
        hostSymbol: same,
        isBound,
        name: `${NVHE_PREFIX}${host}`,
        host,
        of: other === null ? null : symbols.name(other),
        start,
        end: start + (other === null ? size : symbols.size(other)),
      });
    } else own.set(start, symbol);
  }
  return { aliases: aliases.sort((a, b) => a.start - b.start), own, markers };
};
