// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where something is: a byte of a section of an object, and whose it is.

import { mappingKind } from '../aarch64/code-map.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { STB, STT } from '../elf/vocabulary.js';

export interface Place {
  readonly object: ObjectFile;
  readonly section: Section;
  /** Bytes from the start of the section. */
  readonly offset: number;
}

/** What a relocation points at: S + A. */
export type PlacedTarget =
  /** `symbol`: the raw name the relocation gives, null for a section symbol. `alias`: the name it was reached by, if another. */
  | {
      readonly kind: 'place';
      readonly place: Place;
      readonly symbol: string | null;
      readonly alias: string | null;
    }
  /** `aliasOf`: the host symbol that the linker script will put in its place, where that is known. */
  | {
      readonly kind: 'undefined';
      readonly name: string;
      readonly weak: boolean;
      readonly aliasOf: string | null;
    }
  | { readonly kind: 'absolute'; readonly name: string }
  | { readonly kind: 'common'; readonly name: string };

/** A symbol and what it covers. */
export interface Cover {
  readonly symbol: number;
  readonly name: string;
  /** Bytes from the start of the section. */
  readonly start: number;
  /** One past the last byte; for a label without size the next symbol's start, or Infinity. */
  readonly end: number;
  /** The symbol has a size of its own, so `end` is certain. */
  readonly sized: boolean;
}

const covers = new WeakMap<ObjectFile, Map<number, readonly Cover[]>>();

/** Functions, objects and labels of a section by start; mapping, section and file symbols and .L labels left out. */
export const coversOf = (object: ObjectFile, section: Section): readonly Cover[] => {
  let bySection = covers.get(object);
  if (!bySection) {
    bySection = new Map();
    covers.set(object, bySection);
  }
  const known = bySection.get(section.index);
  if (known) return known;
  const { symbols } = object;
  const named = symbols
    .inSection(section.index)
    .filter((symbol) => symbols.type(symbol) <= STT.FUNC || symbols.type(symbol) > STT.FILE)
    .map((symbol) => ({
      symbol,
      name: symbols.name(symbol),
      start: symbols.value(symbol),
      size: symbols.size(symbol),
    }))
    .filter(({ name }) => name !== '' && mappingKind(name) === null && !name.startsWith('.L'));
  const list = named.map(({ symbol, name, start, size }, index) => {
    let next = index + 1;
    while (next < named.length && named[next]?.start === start) next++;
    return {
      symbol,
      name,
      start,
      end: size > 0 ? start + size : (named[next]?.start ?? Infinity),
      sized: size > 0,
    };
  });
  bySection.set(section.index, list);
  return list;
};

/**
 * The symbol that covers a place, or null. Of several at one address the one with a size wins, then the
 * global one. The end of a sized function is respected: code behind it (replacement code of alternatives
 * in subsection 1) belongs to no symbol.
 */
export const coverAt = (place: Place): Cover | null => {
  const list = coversOf(place.object, place.section);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.start ?? 0) <= place.offset) low = middle + 1;
    else high = middle;
  }
  let best: Cover | null = null;
  for (let index = low - 1; index >= 0; index--) {
    const candidate = list[index];
    if (!candidate || (best && candidate.start !== best.start)) break;
    if (place.offset >= candidate.end) {
      if (candidate.sized) break;
      continue;
    }
    if (!best || rank(candidate, place) > rank(best, place)) best = candidate;
  }
  return best;
};

const rank = (cover: Cover, place: Place): number =>
  (cover.sized ? 2 : 0) + (place.object.symbols.binding(cover.symbol) !== STB.LOCAL ? 1 : 0);

/** The name of what covers a place, or null. */
export const nameAt = (place: Place): string | null => coverAt(place)?.name ?? null;
