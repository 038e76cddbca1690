// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Symbols and what they cover, and which of them counts at a place: the innermost.

import { firstWhere } from '../elf/bisect.js';
import type { Section } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';
import { STB, STT } from '../elf/vocabulary.js';
import type { Extent } from './code-range.js';
import { mappingKind } from './mapping-symbols.js';

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

/** The innermost symbol that covers an offset: see coverAt. */
export const innermost = (covers: readonly Cover[], offset: number): Cover | null => {
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
export const isNamed = (symbols: SymbolTable, symbol: number): boolean => {
  const type = symbols.type(symbol);
  if (type === STT.FUNC) return symbols.hasName(symbol);
  if (type === STT.SECTION || type === STT.FILE) return false;
  const name = symbols.name(symbol);
  return name !== '' && mappingKind(name) === null && !name.startsWith('.L');
};

/** Symbols at one place that are looked at one by one. */
const CROWD = 16;

/** Where more symbols than that stand at one place, of each rank the one that reaches furthest; the last of equal ones. */
export const withoutCrowds = (covers: readonly Cover[]): readonly Cover[] => {
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
export const firstBehind = (covers: readonly Cover[], offset: number): number =>
  firstWhere(covers.length, (index) => (covers[index]?.start ?? 0) > offset);

/**
 * The symbols that start last before an offset or at it, in a section whose symbols are in order; one without a size reaches
 * as far as the next. null: many symbols are there, or many that are none.
 */
export const lastCovers = (
  symbols: SymbolTable,
  inOrder: readonly number[],
  offset: number,
): readonly Cover[] | null => {
  const found: number[] = [];
  const last = firstWhere(inOrder.length, (index) => symbols.value(inOrder[index] as number) > offset) - 1;
  for (let index = last; index >= 0; index--) {
    if (last - index > CROWD) return null;
    const symbol = inOrder[index] as number;
    if (found[0] !== undefined && symbols.value(symbol) !== symbols.value(found[0])) break;
    if (isNamed(symbols, symbol)) found.unshift(symbol);
  }
  return found.map((symbol) => lastCover(symbols, symbol));
};

const lastCover = (symbols: SymbolTable, symbol: number): Cover => {
  const start = symbols.value(symbol);
  const size = symbols.size(symbol);
  return new Cover(symbols, symbol, start, size > 0 ? start + size : Infinity, size > 0);
};

/** The same by a look at all symbols. */
export const scannedCovers = (symbols: SymbolTable, section: Section, offset: number): readonly Cover[] => {
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
  return withoutCrowds(nearest.map((symbol) => lastCover(symbols, symbol)));
};
