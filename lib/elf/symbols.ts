// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The symbol table as one typed array: an arm64 defconfig has a quarter of a million
// symbols, of which a check names a few dozen. Nothing is created per symbol until
// somebody asks; a symbol is its index in the table, as in ELF.
// [gABI "Symbol Table"]

import { wide } from './byte-source.js';
import { sortedOrder } from './sorted-order.js';
import { SymbolsBySection } from './symbols-by-section.js';
import { SHN, STB, STT } from './vocabulary.js';
import { WantedNames } from './wanted-names.js';

/** Bytes of a name, of which KSYM_NAME_LEN allows 512. Symbols may share one of a megabyte: each would be written out. */
export const LONGEST_NAME = 1024;

/** Names that are kept. */
const MOST_NAMES = 64;

/** Words in an Elf64_Sym. */
const WORDS = 6;

/** A symbol with an impossible field. */
export interface BadSymbol {
  readonly symbol: number;
  readonly field: 'section' | 'extended' | 'name' | 'binding';
  /** The field as written. */
  readonly value: number;
}

export class SymbolTable {
  readonly count: number;
  readonly #words: Uint32Array;
  readonly #names: Buffer;
  readonly #locals: number;
  /** SHT_SYMTAB_SHNDX: the real section of symbols whose st_shndx is SHN_XINDEX. */
  readonly #extended: Uint32Array | null;
  /** By st_name: thousands of findings may name one, and each would have a copy. */
  readonly #made = new Map<number, string>();
  readonly #bySection = new Map<number, readonly number[]>();
  #all: SymbolsBySection | undefined;

  /** `locals`: sh_info, the number of local symbols, which stand in front. [gABI "Symbol Table"] */
  constructor(words: Uint32Array, names: Buffer, extended: Uint32Array | null, locals = 0) {
    this.count = Math.floor(words.length / WORDS);
    this.#locals = locals;
    this.#words = words;
    this.#names = names;
    this.#extended = extended;
  }

  /** st_name as text; '' if there is none, or if it lies outside the string table. Cut to LONGEST_NAME. */
  name(symbol: number): string {
    const start = this.#words[symbol * WORDS] ?? 0;
    if (start === 0 || start >= this.#names.length) return '';
    const known = this.#made.get(start);
    if (known !== undefined) return known;
    const end = this.#names.indexOf(0, start);
    const stop = end < 0 ? this.#names.length : end;
    const name = this.#names.toString('utf8', start, Math.min(stop, start + LONGEST_NAME));
    if (this.#made.size === MOST_NAMES) this.#made.clear();
    this.#made.set(start, name);
    return name;
  }

  /** st_name: symbols with the same one have the same name. */
  nameOffset(symbol: number): number {
    return this.#words[symbol * WORDS] ?? 0;
  }

  /** Whether `name` is not empty, without creating it. */
  hasName(symbol: number): boolean {
    const start = this.#words[symbol * WORDS] ?? 0;
    return start !== 0 && (this.#names[start] ?? 0) !== 0;
  }

  /** STT_*. */
  type(symbol: number): number {
    return (this.#words[symbol * WORDS + 1] ?? 0) & 0xf;
  }

  /** STB_*. */
  binding(symbol: number): number {
    return ((this.#words[symbol * WORDS + 1] ?? 0) >>> 4) & 0xf;
  }

  /**
   * The section's index, with extended numbering applied. SHN.UNDEF, SHN.ABS and SHN.COMMON stand for themselves, as
   * negative numbers if a section could have that index: see isReserved.
   */
  section(symbol: number): number {
    const written = (this.#words[symbol * WORDS + 1] ?? 0) >>> 16;
    if (written < SHN.LORESERVE) return written;
    if (written === SHN.XINDEX) return this.#extended?.[symbol] ?? SHN.UNDEF;
    return -written;
  }

  /**
   * The first symbol with an impossible field: a section index that is neither below `sectionCount` nor special, or that
   * needs a table which is not there; or (for symbols that other objects may name) a name outside the string table.
   * Or one of the `locals` (sh_info) that is not local, and the reverse. [gABI "Symbol Table"]
   */
  firstBad(sectionCount: number, locals: number): BadSymbol | null {
    const words = this.#words;
    const names = this.#names;
    const { count } = this;
    // The loop runs once over each symbol of a kernel, so it calls nothing for those that are fine.
    for (let symbol = 1, at = WORDS; symbol < count; symbol++, at += WORDS) {
      const start = words[at] as number;
      const info = words[at + 1] as number;
      const written = info >>> 16;
      const isOrdinary = written < sectionCount && written !== SHN.XINDEX;
      if (!isOrdinary && written !== SHN.ABS && written !== SHN.COMMON) {
        const extended = written === SHN.XINDEX ? this.#extended?.[symbol] : written;
        if (extended === undefined) return { symbol, field: 'extended', value: written };
        if (extended >= sectionCount) return { symbol, field: 'section', value: extended };
      }
      if (start >= names.length && start !== 0) return { symbol, field: 'name', value: start };
      const isLocal = (info & 0xf0) === STB.LOCAL;
      if (!isLocal && (start === 0 || names[start] === 0)) return { symbol, field: 'name', value: start };
      if (isLocal !== symbol < locals) return { symbol, field: 'binding', value: locals };
    }
    // Without a final NUL, the last name would be read beyond its end.
    const isEnded = names.length === 0 || names.at(-1) === 0;
    return isEnded || this.count < 2 ? null : { symbol: this.count - 1, field: 'name', value: 0 };
  }

  /** Whether a name may be longer than LONGEST_NAME: only where the string table has so many bytes without an end. */
  get hasLongNames(): boolean {
    const half = LONGEST_NAME / 2;
    for (let at = 0; at + half <= this.#names.length; at += half) {
      const end = this.#names.indexOf(0, at);
      if (end < 0 || end - at >= half) return true;
    }
    return false;
  }

  isUndefined(symbol: number): boolean {
    return this.section(symbol) === SHN.UNDEF;
  }

  isAbsolute(symbol: number): boolean {
    return this.section(symbol) === -SHN.ABS;
  }

  isCommon(symbol: number): boolean {
    return this.section(symbol) === -SHN.COMMON;
  }

  /** st_value: an offset in a relocatable object, an address in a linked image (rounded beyond 2^53: see address). */
  value(symbol: number): number {
    return wide(this.#words[symbol * WORDS + 2] ?? 0, this.#words[symbol * WORDS + 3] ?? 0);
  }

  /** st_value, all 64 bits. */
  address(symbol: number): bigint {
    return (
      BigInt(this.#words[symbol * WORDS + 2] ?? 0) | (BigInt(this.#words[symbol * WORDS + 3] ?? 0) << 32n)
    );
  }

  /** st_size, bytes; 0 for assembly labels. */
  size(symbol: number): number {
    return wide(this.#words[symbol * WORDS + 4] ?? 0, this.#words[symbol * WORDS + 5] ?? 0);
  }

  /** All symbols of a section, mapping and section symbols included, by value, then by index. */
  inSection(section: number): readonly number[] {
    const known = this.#bySection.get(section);
    if (known) return known;
    this.#all ??= new SymbolsBySection(this.count, (symbol) => this.section(symbol));
    const found = this.#byValue(this.#all.of(section));
    this.#bySection.set(section, found);
    return found;
  }

  /** Whether inSection has been asked for a section's symbols, so that it costs nothing. */
  isInOrder(section: number): boolean {
    return this.#bySection.has(section);
  }

  /** Collects the symbols of several sections in one pass, for inSection. */
  indexSections(sections: ReadonlySet<number>): void {
    const wanted = [...sections].filter((section) => !this.#bySection.has(section));
    if (wanted.length === 0) return;
    const lists = new Map<number, number[]>(wanted.map((section) => [section, []]));
    const isWanted = new Uint8Array(wanted.reduce((most, section) => Math.max(most, section), 0) + 1);
    for (const section of wanted) isWanted[section] = 1;
    const words = this.#words;
    const { count } = this;
    for (let symbol = 0, at = 1; symbol < count; symbol++, at += WORDS) {
      const written = (words[at] as number) >>> 16;
      const section = written < SHN.LORESERVE ? written : this.section(symbol);
      if (section >= 0 && isWanted[section] === 1) lists.get(section)?.push(symbol);
    }
    for (const [section, symbols] of lists) this.#bySection.set(section, this.#byValue(symbols));
  }

  /** `symbols`: in the order of the table. */
  #byValue(symbols: readonly number[] | Uint32Array): readonly number[] {
    const order = sortedOrder(symbols.length, (place) => this.value(symbols[place] as number));
    return Array.from(order, (place) => symbols[place] as number);
  }

  /** The symbols of some sections: 1 at their numbers. */
  markedIn(sections: readonly { readonly index: number }[]): Uint8Array {
    this.indexSections(new Set(sections.map(({ index }) => index)));
    const marked = new Uint8Array(this.count);
    for (const { index } of sections) for (const symbol of this.inSection(index)) marked[symbol] = 1;
    return marked;
  }

  /** Defined global and weak symbols with these names. One pass over the table, comparing hashes. */
  globalsNamed(names: Iterable<string> | WantedNames): ReadonlyMap<string, number> {
    const wanted = names instanceof WantedNames ? names : new WantedNames(names);
    const found = new Map<string, number>();
    if (wanted.isEmpty) return found;
    const words = this.#words;
    const table = this.#names;
    const { count } = this;
    for (let symbol = this.#locals, at = symbol * WORDS; symbol < count; symbol++, at += WORDS) {
      const start = words[at] as number;
      if (!wanted.mayBe(table, start)) continue;
      if (this.binding(symbol) === STB.LOCAL || this.section(symbol) === SHN.UNDEF) continue;
      const candidates = wanted.like(table, start);
      if (candidates.length === 0) continue;
      const name = this.name(symbol);
      if (candidates.includes(name) && !found.has(name)) found.set(name, symbol);
    }
    return found;
  }

  /** Symbols whose name begins with an ASCII prefix, in table order. */
  withPrefix(prefix: string): readonly number[] {
    const found: number[] = [];
    const words = this.#words;
    const names = this.#names;
    const wanted = Buffer.from(prefix, 'latin1');
    const last = wanted.length - 1;
    const { count } = this;
    for (let symbol = 0, at = 0; symbol < count; symbol++, at += WORDS) {
      const start = words[at] as number;
      // From the end: names of a kernel begin alike.
      let same = last;
      while (same >= 0 && names[start + same] === wanted[same]) same--;
      if (same < 0) found.push(symbol);
    }
    return found;
  }

  /** A symbol that marks a whole section. */
  isSection(symbol: number): boolean {
    return this.type(symbol) === STT.SECTION;
  }
}
