// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Pairs an ADRP with the instructions that complete it. By the ABI, only S + A
// ties them together: an ADRP can be hoisted out of a loop, serve several loads,
// or be one of two that lead to the same load. So a page offset is paired with
// the ADRPs whose value reaches its base register. If registers cannot be followed
// (the value went through the stack), it is paired with an ADRP of the same S + A
// in the same function, and so are other ADRPs of it whose value reaches nothing.
//
//     adrp  x0, a            // R_AARCH64_ADR_PREL_PG_HI21 a
//     ldr   x1, [x0, :lo12:a]    // R_AARCH64_LDST64_ABS_LO12_NC a: one reference, a load of a

import { addressRegister, baseRegister } from '../aarch64/instructions.js';
import { firstWhere } from '../elf/bisect.js';
import type { Relocation } from '../elf/relocations.js';
import type { CodeMap } from './code-map.js';
import { coverAt } from './functions.js';
import { definitionsOf } from './value-flow.js';

/** Pages and page offsets that belong together: each is connected to another by the flow of a value. */
export interface PageGroup {
  readonly pages: readonly Relocation[];
  /** Sorted by offset; at least one. */
  readonly offsets: readonly Relocation[];
}

export interface Pairing {
  /** Made one by one: a large link has ten thousands. */
  readonly groups: Iterable<PageGroup>;
  /** Page offsets paired by S + A alone: their base register is not known (tpidr_el2 may be added already). */
  readonly loose: ReadonlySet<Relocation>;
  /** Pages and page offsets that pair with nothing. */
  readonly single: readonly Relocation[];
}

/** The addends of a page and its offset may differ by less than a page: the compiler knew the alignment. */
const PAGE = 4096;

const sameTarget = (page: Relocation, offset: Relocation): boolean =>
  page.symbol === offset.symbol && Math.abs(page.addend - offset.addend) < PAGE;

/**
 * `gotPages`: the pages are those of a global offset table. An ADRP of _GLOBAL_OFFSET_TABLE_ serves any slot, so only
 * register flow pairs it.
 */
export const pairHalves = (
  code: CodeMap,
  pages: readonly Relocation[],
  offsets: readonly Relocation[],
  gotPages: boolean,
): Pairing => {
  const links = new Links(pages, offsets);
  const functionOf = (offset: number) =>
    coverAt({ object: code.object, section: code.section, offset })?.start;
  const nearest = nearestPages(pages, (page) =>
    gotPages ? `${functionOf(page.offset)}` : `${functionOf(page.offset)} ${page.symbol}`,
  );

  const single: Relocation[] = [];
  /** Page offsets that are paired by S + A alone, each with the place of its page. */
  const loose = new Map<Relocation, number>();
  for (const [index, half] of offsets.entries()) {
    const fits = (at: number): boolean => {
      const page = links.pageAt(at);
      return page !== undefined && (gotPages || sameTarget(page, half));
    };
    const base = baseRegister(code.word(half.offset));
    let found = definitionsOf(
      code,
      half.offset,
      base,
      (at, register) => fits(at) && addressRegister(code.word(at)) === register,
    );
    if (found.length === 0) {
      const near = nearest(half, (page) => fits(page.offset));
      if (near) {
        found = [near.offset];
        loose.set(half, near.offset);
      }
    }
    if (found.length === 0) single.push(half);
    else links.add(index, found);
  }

  // Where the value went through the stack, several pages may have led there.
  const looseOnes = gotPages ? [] : [...loose];
  for (const page of pages) {
    if (links.isPaired(page.offset)) continue;
    const home = functionOf(page.offset);
    const partner = looseOnes.find(([half]) => sameTarget(page, half) && functionOf(half.offset) === home);
    if (partner) links.join(page.offset, partner[1]);
    else single.push(page);
  }
  return { groups: links.groups(), loose: new Set(loose.keys()), single };
};

/** Which pages and page offsets belong together, by numbers of both. */
class Links {
  readonly #pages: readonly Relocation[];
  readonly #offsets: readonly Relocation[];
  /** By place the page that stands there; of two, as a damaged table may have them, the last, which stands for both. */
  #pageAt: ReadonlyMap<number, number>;
  /** Union-find over pages: the way to the leader of each one's group. */
  readonly #leaders: Uint32Array;
  /** Per page: it has a partner. */
  readonly #paired: Uint8Array;
  /** Of each page the last page offset that was added to it, and of each page offset the one before; + 1, 0 for none. */
  readonly #last: Uint32Array;
  readonly #before: Uint32Array;

  constructor(pages: readonly Relocation[], offsets: readonly Relocation[]) {
    this.#pages = pages;
    this.#offsets = offsets;
    this.#pageAt = new Map(pages.map(({ offset }, index) => [offset, index]));
    this.#leaders = Uint32Array.from(pages.keys());
    this.#paired = new Uint8Array(pages.length);
    this.#last = new Uint32Array(pages.length);
    this.#before = new Uint32Array(offsets.length);
  }

  pageAt(place: number): Relocation | undefined {
    return this.#pages[this.#pageAt.get(place) ?? -1];
  }

  isPaired(place: number): boolean {
    return this.#paired[this.#pageAt.get(place) ?? -1] === 1;
  }

  /** A page offset completes the pages at some places, of which it counts with the first. */
  add(offset: number, places: readonly number[]): void {
    const [first = 0, ...others] = places;
    const page = this.#pageAt.get(first) ?? 0;
    this.#before[offset] = this.#last[page] as number;
    this.#last[page] = offset + 1;
    this.#paired[page] = 1;
    for (const other of others) this.join(other, first);
  }

  /** The page at a place belongs to the group of another one. */
  join(place: number, other: number): void {
    const page = this.#pageAt.get(place) ?? 0;
    this.#paired[page] = 1;
    this.#leaders[this.#leaderOf(page)] = this.#leaderOf(this.#pageAt.get(other) ?? 0);
  }

  #leaderOf(page: number): number {
    const leaders = this.#leaders;
    let leader = page;
    for (let next = leaders[leader] as number; next !== leader; next = leaders[leader] as number) {
      // The way becomes shorter for whoever asks next.
      leaders[leader] = leaders[next] as number;
      leader = next;
    }
    return leader;
  }

  /** In the order of their first pages. */
  *groups(): Generator<PageGroup> {
    const pages = this.#pages;
    const standsFor = Uint32Array.from(pages, ({ offset }) => this.#pageAt.get(offset) ?? 0);
    // In a large link it takes more than all the rest, and nobody asks for a place any more.
    this.#pageAt = new Map();
    /** Of each leader the first page of its group, and of each page the next one in its group; + 1, 0 for none. */
    const first = new Uint32Array(pages.length);
    const next = new Uint32Array(pages.length);
    for (let page = pages.length - 1; page >= 0; page--) {
      const one = standsFor[page] as number;
      if (this.#paired[one] === 0) continue;
      const leader = this.#leaderOf(one);
      next[page] = first[leader] as number;
      first[leader] = page + 1;
    }
    for (let page = 0; page < pages.length; page++) {
      if (first[this.#leaderOf(standsFor[page] as number)] !== page + 1) continue;
      const numbers: number[] = [];
      for (let one = page + 1; one !== 0; one = next[one - 1] as number) numbers.push(one - 1);
      yield {
        pages: numbers.map((number) => pages[number] as Relocation),
        offsets: numbers.flatMap((number) => this.#partnersOf(number)).sort((a, b) => a.offset - b.offset),
      };
    }
  }

  /** In the order in which they were added. */
  #partnersOf(page: number): readonly Relocation[] {
    const partners: Relocation[] = [];
    for (let next = this.#last[page] as number; next !== 0; next = this.#before[next - 1] as number)
      partners.push(this.#offsets[next - 1] as Relocation);
    return partners.reverse();
  }
}

/** Pages on either side of an offset that are looked at, before it counts as one that pairs with nothing. */
const MOST_TRIED = 256;

/** What finds the nearest page of the same group that will do, pages before the offset first. */
const nearestPages = (
  pages: readonly Relocation[],
  groupOf: (half: Relocation) => string,
): ((half: Relocation, fits: (page: Relocation) => boolean) => Relocation | null) => {
  let groups: Map<string, Relocation[]> | undefined;
  const makeGroups = (): Map<string, Relocation[]> => {
    const made = new Map<string, Relocation[]>();
    for (const page of [...pages].sort((a, b) => a.offset - b.offset)) {
      const list = made.get(groupOf(page)) ?? [];
      made.set(groupOf(page), list);
      list.push(page);
    }
    return made;
  };
  return (half, fits) => {
    groups ??= makeGroups();
    const list = groups.get(groupOf(half)) ?? [];
    const behind = firstWhere(list.length, (index) => (list[index]?.offset ?? 0) >= half.offset);
    const before = list.slice(Math.max(0, behind - MOST_TRIED), behind).reverse();
    return before.find(fits) ?? list.slice(behind, behind + MOST_TRIED).find(fits) ?? null;
  };
};
