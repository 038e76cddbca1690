// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a byte of a section belongs to: the symbols of the section, what each of
// them covers, and where functions begin and end. One list of symbols serves
// both questions: for a name it is the innermost symbol that counts, for a
// function the outermost (a function with several entries is one function).

import { firstWhere, lastNotAbove } from '../elf/bisect.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { STT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import type { Extent } from './code-range.js';
import {
  Cover,
  firstBehind,
  innermost,
  isNamed,
  lastCovers,
  scannedCovers,
  withoutCrowds,
} from './covers.js';
import { runsOf } from './mapping-symbols.js';
import { isHypSection } from './sections.js';

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

const known = new WeakMap<Section, Functions>();

export const functionsOf = (object: ObjectFile, section: Section): Functions => {
  const functions = known.get(section) ?? new Functions(object, section);
  known.set(section, functions);
  return functions;
};

/** Whether a function begins at an offset of a host section: as isEntry, which puts all functions in order. */
export const beginsFunction = (object: ObjectFile, section: Section, offset: number): boolean => {
  const { symbols } = object;
  const all = symbols.inSection(section.index);
  const valueAt = (index: number): number => symbols.value(all[index] as number);
  const isFunction = (symbol: number): boolean =>
    symbols.type(symbol) === STT.FUNC && isNamed(symbols, symbol);
  let index = firstWhere(all.length, (one) => valueAt(one) >= offset);
  while (index < all.length && valueAt(index) === offset && !isFunction(all[index] as number)) index++;
  return index < all.length && valueAt(index) === offset && runsOf(object, section).isCode(offset);
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
  const { section, offset } = place;
  const nearest = known.has(section) || isHypSection(section) ? null : nearestCovers(place);
  return (nearest ? innermost(nearest, offset) : coverAt(place))?.name ?? null;
};

/**
 * The symbols that start last before an offset or at it; one without a size reaches as far as the next. null: many were
 * asked for, so that covers of all are made.
 */
const nearestCovers = ({ object, section, offset }: Place): readonly Cover[] | null => {
  const { symbols } = object;
  if (symbols.isInOrder(section.index)) return lastCovers(symbols, symbols.inSection(section.index), offset);
  const asked = askedFor.get(section) ?? 0;
  askedFor.set(section, asked + 1);
  return asked < FEW ? scannedCovers(symbols, section, offset) : null;
};
