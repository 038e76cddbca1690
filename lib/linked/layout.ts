// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The sections of a linked image as the objects had them: its own, under their
// own numbers, and behind them the parts that two symbols bound (bounds.ts), each
// followed by a section for what its relocations were. An address becomes a place
// of the innermost part. Addresses are numbers here, counted from the image's
// lowest, since those of a kernel do not fit into one.

import { firstWhere } from '../elf/bisect.js';
import type { Section } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import { bounds } from './bounds.js';

/** Bytes from the lowest address of the image. */
export type Distance = number;

/** A byte of a section. */
export interface Spot {
  readonly section: Section;
  readonly offset: number;
}

interface Part {
  readonly section: Section;
  readonly start: Distance;
  readonly end: Distance;
}

/** What is between two symbols. */
interface Named {
  readonly section: Section;
  readonly startSymbol: number;
  readonly endSymbol: number;
}

type Cut = Part & Named;

const isLoaded = ({ flags, address, size }: Section): boolean =>
  (flags & SHF.ALLOC) !== 0 && address !== 0n && size > 0;

/** What the program itself has in the file; the rest is the loader's: symbols that it may look up, how it finds them. */
const ofProgram: ReadonlySet<number> = new Set([
  SHT.PROGBITS,
  SHT.INIT_ARRAY,
  SHT.FINI_ARRAY,
  SHT.PREINIT_ARRAY,
]);

/** Relocations of an image are those that a loader does, and are asked for by their type (dynamic-slots.ts). */
const isForLoader = ({ type }: Section): boolean =>
  type === SHT.RELA || type === SHT.REL || type === SHT.CREL;

export class Layout {
  /** All of them: by index those of the image, then the parts, then one for the relocations of each that is loaded. */
  readonly sections: readonly Section[];
  /** The lowest address. */
  readonly base: bigint;
  /** Its two halves. */
  readonly baseWords: { readonly low: number; readonly high: number };
  /** Parts of sections, the innermost last. */
  readonly cuts: readonly Cut[];
  /** Sections of the image, by address. */
  readonly #whole: readonly Part[];
  /** What the innermost part is, from one address to the next: sorted, none in another. */
  readonly #pieces: readonly Part[];
  #near: Part | null = null;
  #nearWhole: Part | null = null;
  /** By the index of the section. */
  readonly #starts: number[] = [];

  /** `symbols` hold addresses; `table`: the index of their section. */
  constructor(given: readonly Section[], symbols: SymbolTable, table: number) {
    const loaded = given.filter(isLoaded);
    this.base = loaded.reduce(
      (low, { address }) => (address < low ? address : low),
      loaded[0]?.address ?? 0n,
    );
    this.baseWords = { low: Number(this.base & 0xffffffffn), high: Number(this.base >> 32n) };
    const partOf = (section: Section): Part => {
      const start = Number(section.address - this.base);
      return { section, start, end: start + section.size };
    };
    this.#whole = loaded.map(partOf).sort((a, b) => a.start - b.start);
    const own = given.map((section) =>
      isForLoader(section) ? { ...section, type: SHT.NULL, flags: 0, size: 0, info: 0 } : section,
    );
    this.cuts = this.#cutsOf(own, symbols).map((cut) => ({ ...cut, ...partOf(cut.section) }));
    this.#pieces = piecesOf([...this.#whole, ...this.cuts]);
    const all = [...own, ...this.cuts.map(({ section }) => section)];
    const patched = all.filter((section) => isLoaded(section) && ofProgram.has(section.type));
    this.sections = [
      ...all,
      ...patched.map(
        (section, index): Section => ({
          index: all.length + index,
          name: `.rela${section.name}`,
          type: SHT.RELA,
          flags: 0,
          address: 0n,
          offset: 0,
          size: 0,
          link: table,
          info: section.index,
          entrySize: 24,
        }),
      ),
    ];
  }

  distanceOf(address: bigint): Distance {
    return Number(address - this.base);
  }

  /** Of two 32-bit halves, without a bigint. */
  distanceOfWords(low: number, high: number): Distance {
    const base = this.baseWords;
    return (high - base.high) * 2 ** 32 + (low - base.low);
  }

  startOf({ index, address }: Section): Distance {
    let start = this.#starts[index];
    if (start === undefined) {
      start = this.distanceOf(address);
      this.#starts[index] = start;
    }
    return start;
  }

  /** The innermost part that has an address; null outside the image. */
  spotOf(at: Distance): Spot | null {
    const piece = this.#pieceAt(at);
    return piece && at < piece.end
      ? { section: piece.section, offset: at - this.startOf(piece.section) }
      : null;
  }

  /** The same; outside the image, of the part before. */
  spotNear(at: Distance): Spot | null {
    const piece = this.#pieceAt(at);
    return piece && { section: piece.section, offset: at - this.startOf(piece.section) };
  }

  /** The last piece that begins at an address or before. */
  #pieceAt(at: Distance): Part | null {
    const near = this.#near;
    if (near && at >= near.start && at < near.end) return near;
    const pieces = this.#pieces;
    const index = firstWhere(pieces.length, (one) => (pieces[one]?.start ?? 0) > at) - 1;
    this.#near = pieces[index] ?? null;
    return this.#near;
  }

  /** The section of the image that has an address. */
  wholeOf(at: Distance): Section | null {
    let whole = this.#nearWhole;
    if (!whole || at < whole.start || at >= whole.end) {
      const all = this.#whole;
      whole = all[firstWhere(all.length, (index) => (all[index]?.start ?? 0) > at) - 1] ?? null;
      this.#nearWhole = whole;
    }
    return whole && at < whole.end ? whole.section : null;
  }

  #cutsOf(given: readonly Section[], symbols: SymbolTable): readonly Named[] {
    const found = symbols.globalsNamed(bounds.flatMap(({ start, end }) => [start, end]));
    const cuts: Named[] = [];
    for (const { name, start, end } of bounds) {
      const [first, last] = [found.get(start), found.get(end)];
      if (first === undefined || last === undefined) continue;
      const [low, high] = [symbols.address(first), symbols.address(last)];
      const whole = this.wholeOf(this.distanceOf(low));
      if (!whole || high <= low || high > whole.address + BigInt(whole.size)) continue;
      // A section of the image that has the name already.
      if (whole.name.startsWith('.hyp.')) continue;
      const offset = Number(low - whole.address);
      const section = {
        ...(given[whole.index] ?? whole),
        index: given.length + cuts.length,
        name,
        address: low,
        offset: whole.offset + offset,
        size: Number(high - low),
        link: 0,
        info: 0,
      };
      cuts.push({ section, startSymbol: first, endSymbol: last });
    }
    return cuts;
  }
}

/** Parts, of which later ones lie in earlier ones, cut where another begins or ends. */
const piecesOf = (parts: readonly Part[]): readonly Part[] => {
  const edges = [...new Set(parts.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const edgeAt = (distance: Distance): number =>
    firstWhere(edges.length, (index) => (edges[index] ?? 0) >= distance);
  const innermost: (Part | undefined)[] = new Array(edges.length);
  // The first edge, from each on, behind which nothing has a part yet: there may be thousands of sections.
  const open = Int32Array.from({ length: edges.length + 1 }, (_, index) => index);
  const openFrom = (index: number): number => {
    let at = index;
    for (let next = open[at] ?? at; next !== at; next = open[at] ?? at) {
      open[at] = open[next] ?? next;
      at = next;
    }
    return at;
  };
  for (const part of [...parts].reverse()) {
    const end = edgeAt(part.end);
    for (let at = openFrom(edgeAt(part.start)); at < end; at = openFrom(at)) {
      innermost[at] = part;
      open[at] = at + 1;
    }
  }
  return edges.flatMap((start, index): readonly Part[] => {
    const part = innermost[index];
    return part ? [{ section: part.section, start, end: edges[index + 1] ?? start }] : [];
  });
};
