// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a byte of a section belongs to: the symbols of the section, what each of
// them covers, and where functions begin and end. One list of symbols serves
// both questions: for a name it is the innermost symbol that counts, for a
// function the outermost (a function with several entries is one function).

import { firstWhere, lastNotAbove } from '../elf/bisect.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';
import { STB, STT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import type { Extent } from './code-range.js';
import { mappingKind, runsOf } from './mapping-symbols.js';
import { isHypSection } from './sections.js';

/** A symbol and what it covers. */
export class Cover implements Extent {
  readonly symbol: number;
  /** Bytes from the start of the section. */
  readonly start: number;
  /** One past the last byte; for a label without size, the start of the next symbol, or Infinity. */
  readonly end: number;
  /** The symbol has a size, so `end` is certain. */
  readonly sized: boolean;
  readonly #symbols: SymbolTable;

  constructor(symbols: SymbolTable, symbol: number, start: number, end: number, sized: boolean) {
    this.#symbols = symbols;
    this.symbol = symbol;
    this.start = start;
    this.end = end;
    this.sized = sized;
  }

  get name(): string {
    return this.#symbols.name(this.symbol);
  }

  /** STT_*. */
  get type(): number {
    return this.#symbols.type(this.symbol);
  }

  get isGlobal(): boolean {
    return this.#symbols.binding(this.symbol) !== STB.LOCAL;
  }
}

/** How many entries of one function may overlap at one place. */
const MAX_OVERLAP = 8;

export class Functions {
  /** Functions, objects and labels by start; without mapping, section and file symbols and .L labels. */
  readonly covers: readonly Cover[];
  /** The same without those that others at their place stand for. */
  readonly #distinct: readonly Cover[];
  readonly #object: ObjectFile;
  readonly #section: Section;
  #entries: readonly number[] | undefined;
  #labels: readonly number[] | undefined;
  #entrySet: ReadonlySet<number> | undefined;
  #extents: { readonly starts: readonly number[]; readonly ends: readonly number[] } | undefined;

  constructor(object: ObjectFile, section: Section) {
    this.#object = object;
    this.#section = section;
    const { symbols } = object;
    const named = symbols.inSection(section.index).filter((symbol) => isNamed(symbols, symbol));
    const starts = named.map((symbol) => symbols.value(symbol));
    /** Of the symbols at one place, the first behind them all: looked for once, however many there are. */
    let next = 0;
    this.covers = named.map((symbol, index) => {
      const start = starts[index] ?? 0;
      const size = symbols.size(symbol);
      if (size > 0) return new Cover(symbols, symbol, start, start + size, true);
      next = Math.max(next, index + 1);
      while (next < named.length && starts[next] === start) next++;
      return new Cover(symbols, symbol, start, starts[next] ?? Infinity, false);
    });
    this.#distinct = withoutCrowds(this.covers);
  }

  /** The innermost symbol that covers an offset: see coverAt. */
  coverAt(offset: number): Cover | null {
    return innermost(this.#distinct, offset);
  }

  /** A function begins here or, in a hyp section, a label of assembly stands here. */
  isEntry(offset: number): boolean {
    this.#entrySet ??= new Set(this.entries);
    return this.#entrySet.has(offset);
  }

  /** Functions and labels of assembly in start .. end (exclusive), without start itself. */
  labelsIn(start: number, end: number): readonly number[] {
    this.#labels ??= isHypSection(this.#section) ? this.entries : this.#findEntries(true);
    const labels = this.#labels;
    return labels.slice(
      firstWhere(labels.length, (index) => (labels[index] ?? 0) > start),
      firstWhere(labels.length, (index) => (labels[index] ?? 0) >= end),
    );
  }

  /**
   * The function around an offset: that of the sized symbol which covers it; otherwise from the label before it to the
   * label after it; without any symbol, the section.
   */
  extentAt(offset: number): Extent {
    this.#extents ??= this.#findExtents();
    const { starts, ends } = this.#extents;
    const index = lastNotAbove(starts, offset);
    let outermost: Extent | null = null;
    for (let at = index; at >= 0 && at > index - MAX_OVERLAP; at--) {
      const end = ends[at] ?? 0;
      if (offset < end) outermost = { start: starts[at] ?? 0, end };
    }
    if (outermost) return outermost;
    const entries = this.entries;
    const before = lastNotAbove(entries, offset);
    return { start: entries[before] ?? 0, end: entries[before + 1] ?? this.#section.size };
  }

  /** A sized function begins here. */
  isStart(offset: number): boolean {
    this.#extents ??= this.#findExtents();
    const { starts } = this.#extents;
    return starts[lastNotAbove(starts, offset)] === offset;
  }

  /** Where isEntry holds, sorted. */
  get entries(): readonly number[] {
    this.#entries ??= this.#findEntries(isHypSection(this.#section));
    return this.#entries;
  }

  #findEntries(withLabels: boolean): readonly number[] {
    const runs = runsOf(this.#object, this.#section);
    const found: number[] = [];
    for (const { start, type } of this.covers) {
      const counts = type === STT.FUNC || (withLabels && type === STT.NOTYPE);
      if (counts && found.at(-1) !== start && runs.isCode(start)) found.push(start);
    }
    return found;
  }

  #findExtents(): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
    const starts: number[] = [];
    const ends: number[] = [];
    for (const cover of this.covers) {
      // A damaged size may reach beyond the section.
      const end = Math.min(cover.end, this.#section.size);
      if (!cover.sized || cover.start >= end || cover.type !== STT.FUNC) continue;
      starts.push(cover.start);
      ends.push(end);
    }
    return { starts, ends };
  }
}

/** The innermost symbol that covers an offset: see coverAt. */
const innermost = (covers: readonly Cover[], offset: number): Cover | null => {
  let best: Cover | null = null;
  for (let index = firstBehind(covers, offset) - 1; index >= 0; index--) {
    const candidate = covers[index];
    if (!candidate || (best && candidate.start !== best.start)) break;
    if (offset >= candidate.end) {
      if (candidate.sized) break;
      continue;
    }
    if (!best || rank(candidate) > rank(best)) best = candidate;
  }
  return best;
};

/** A function's name is not looked at: compilers make no mapping symbols or .L labels of that type. */
const isNamed = (symbols: SymbolTable, symbol: number): boolean => {
  const type = symbols.type(symbol);
  if (type === STT.FUNC) return symbols.hasName(symbol);
  if (type === STT.SECTION || type === STT.FILE) return false;
  const name = symbols.name(symbol);
  return name !== '' && mappingKind(name) === null && !name.startsWith('.L');
};

/** Symbols at one place that are looked at one by one. */
const CROWD = 16;

/** Where more symbols than that stand at one place, of each rank the one that reaches furthest; the last of equal ones. */
const withoutCrowds = (covers: readonly Cover[]): readonly Cover[] => {
  if (!covers.some(({ start }, index) => covers[index + CROWD]?.start === start)) return covers;
  const kept: Cover[] = [];
  for (let first = 0; first < covers.length; ) {
    let next = first;
    while (next < covers.length && covers[next]?.start === covers[first]?.start) next++;
    if (next - first <= CROWD)
      for (let index = first; index < next; index++) kept.push(covers[index] as Cover);
    else {
      const furthest = new Map<number, Cover>();
      const group = covers.slice(first, next);
      for (const cover of group)
        if (cover.end >= (furthest.get(rank(cover))?.end ?? 0)) furthest.set(rank(cover), cover);
      for (const cover of group) if (furthest.get(rank(cover)) === cover) kept.push(cover);
    }
    first = next;
  }
  return kept;
};

const rank = ({ sized, isGlobal }: Cover): number => (sized ? 2 : 0) + (isGlobal ? 1 : 0);

/** The index of the first cover that starts after an offset. */
const firstBehind = (covers: readonly Cover[], offset: number): number =>
  firstWhere(covers.length, (index) => (covers[index]?.start ?? 0) > offset);

const known = new WeakMap<Section, Functions>();

export const functionsOf = (object: ObjectFile, section: Section): Functions => {
  const functions = known.get(section) ?? new Functions(object, section);
  known.set(section, functions);
  return functions;
};

/** Functions, objects and labels of a section by start. */
export const coversOf = (object: ObjectFile, section: Section): readonly Cover[] =>
  functionsOf(object, section).covers;

/** The covers that start at a place. */
export const coversAt = ({ object, section, offset }: Place): readonly Cover[] => {
  const covers = coversOf(object, section);
  const end = firstBehind(covers, offset);
  let start = end;
  while (covers[start - 1]?.start === offset) start--;
  return covers.slice(start, end);
};

/**
 * The symbol that covers a place, or null. Of several at one address, one with a size wins, then a global one. Code
 * behind the end of a sized function (replacement code of alternatives in subsection 1) belongs to no symbol.
 */
export const coverAt = ({ object, section, offset }: Place): Cover | null =>
  functionsOf(object, section).coverAt(offset);

/** Names that are looked for one by one in a section of the host, which may have fifty thousand symbols, before all are put in order. */
const FEW = 4;
const askedFor = new WeakMap<Section, number>();

/** The name of the symbol that covers a place, or null. */
export const nameAt = (place: Place): string | null => {
  const { object, section, offset } = place;
  const asked = askedFor.get(section) ?? 0;
  if (known.has(section) || isHypSection(section) || asked >= FEW) return coverAt(place)?.name ?? null;
  askedFor.set(section, asked + 1);
  return innermost(nearestCovers(object, section, offset), offset)?.name ?? null;
};

/** The symbols that start last before an offset or at it; one without a size reaches as far as the next. */
const nearestCovers = ({ symbols }: ObjectFile, section: Section, offset: number): readonly Cover[] => {
  let start = 0;
  let nearest: number[] = [];
  for (let symbol = 1; symbol < symbols.count; symbol++) {
    if (symbols.section(symbol) !== section.index) continue;
    const value = symbols.value(symbol);
    if (value > offset || value < start || !isNamed(symbols, symbol)) continue;
    if (value > start) nearest = [];
    start = value;
    nearest.push(symbol);
  }
  return withoutCrowds(
    nearest.map((symbol) => {
      const size = symbols.size(symbol);
      return new Cover(symbols, symbol, start, size > 0 ? start + size : Infinity, size > 0);
    }),
  );
};
