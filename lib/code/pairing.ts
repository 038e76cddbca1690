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
import type { Relocation, RelocationTable } from '../elf/relocations.js';
import { sortedOrder } from '../elf/sorted-order.js';
import type { CodeMap } from './code-map.js';
import { coverAt } from './functions.js';
import { definitionsOf } from './value-flow.js';

/** Pages and page offsets that belong together: each is connected to another by the flow of a value. */
export interface PageGroup {
  readonly pages: readonly Relocation[];
  /** Sorted by offset; at least one. */
  readonly offsets: readonly Relocation[];
  /** Those page offsets that are paired by S + A alone: their base register is not known (tpidr_el2 may be added already). */
  readonly loose: ReadonlySet<Relocation>;
}

export interface Pairing {
  /** Made one by one: a large link has ten thousands. */
  readonly groups: Iterable<PageGroup>;
  /** Those that pair with nothing. */
  readonly singlePages: readonly Relocation[];
  readonly singleOffsets: readonly Relocation[];
}

/** The addends of a page and its offset may differ by less than a page: the compiler knew the alignment. */
const PAGE = 4096;

/**
 * `gotPages`: the pages are those of a global offset table. An ADRP of _GLOBAL_OFFSET_TABLE_ serves any slot, so only
 * register flow pairs it.
 */
export const pairHalves = (
  code: CodeMap,
  pages: RelocationTable,
  offsets: RelocationTable,
  gotPages: boolean,
): Pairing => {
  const links = new Links(pages, offsets);
  const functionOf = (offset: number) =>
    coverAt({ object: code.object, section: code.section, offset })?.start;
  const groupOf = (table: RelocationTable, number: number): string =>
    gotPages
      ? `${functionOf(table.offset(number))}`
      : `${functionOf(table.offset(number))} ${table.symbol(number)}`;
  const nearest = nearestPages(pages, links.order, (page) => groupOf(pages, page));
  const sameTarget = (page: number, offset: number): boolean =>
    pages.symbol(page) === offsets.symbol(offset) &&
    Math.abs(pages.addend(page) - offsets.addend(offset)) < PAGE;

  const singleOffsets: Relocation[] = [];
  /** Page offsets that are paired by S + A alone, each with the place of its page. */
  const loose = new Map<number, number>();
  for (let half = 0; half < offsets.count; half++) {
    const fits = (page: number): boolean => gotPages || sameTarget(page, half);
    const place = offsets.offset(half);
    let found = definitionsOf(code, place, baseRegister(code.word(place)), (at, register) => {
      const page = links.pageAt(at);
      return page !== undefined && fits(page) && addressRegister(code.word(at)) === register;
    });
    if (found.length === 0) {
      const near = nearest(place, groupOf(offsets, half), (page) =>
        fits(links.pageAt(pages.offset(page)) ?? page),
      );
      if (near !== null) {
        found = [pages.offset(near)];
        loose.set(half, pages.offset(near));
      }
    }
    if (found.length === 0) singleOffsets.push(offsets.entry(half));
    else links.add(half, found);
  }

  // Where the value went through the stack, several pages may have led there.
  const looseOnes = gotPages ? [] : [...loose];
  const singlePages: Relocation[] = [];
  for (let page = 0; page < pages.count; page++) {
    const place = pages.offset(page);
    if (links.isPaired(place)) continue;
    const home = functionOf(place);
    const partner = looseOnes.find(
      ([half]) => sameTarget(page, half) && functionOf(offsets.offset(half)) === home,
    );
    if (partner) links.join(place, partner[1]);
    else singlePages.push(pages.entry(page));
  }
  return { groups: links.groups(loose), singlePages, singleOffsets };
};

/** Which pages and page offsets belong together, by numbers of both. */
class Links {
  readonly #pages: RelocationTable;
  readonly #offsets: RelocationTable;
  /** The pages by place. */
  readonly order: Uint32Array;
  /** Union-find over pages: the way to the leader of each one's group. */
  readonly #leaders: Uint32Array;
  /** Per page: it has a partner. */
  readonly #paired: Uint8Array;
  /** Of each page the last page offset that was added to it, and of each page offset the one before; + 1, 0 for none. */
  readonly #last: Uint32Array;
  readonly #before: Uint32Array;

  constructor(pages: RelocationTable, offsets: RelocationTable) {
    this.#pages = pages;
    this.#offsets = offsets;
    this.order = sortedOrder(pages.count, (page) => pages.offset(page));
    this.#leaders = new Uint32Array(pages.count).map((_, page) => page);
    this.#paired = new Uint8Array(pages.count);
    this.#last = new Uint32Array(pages.count);
    this.#before = new Uint32Array(offsets.count);
  }

  /** The page that stands at a place; of two, as a damaged table may have them, the last, which stands for both. */
  pageAt(place: number): number | undefined {
    const pages = this.#pages;
    const { order } = this;
    const behind = firstWhere(order.length, (index) => pages.offset(order[index] as number) > place);
    const page = order[behind - 1];
    return page !== undefined && pages.offset(page) === place ? page : undefined;
  }

  isPaired(place: number): boolean {
    return this.#paired[this.pageAt(place) ?? -1] === 1;
  }

  /** A page offset completes the pages at some places, of which it counts with the first. */
  add(offset: number, places: readonly number[]): void {
    const [first = 0, ...others] = places;
    const page = this.pageAt(first) ?? 0;
    this.#before[offset] = this.#last[page] as number;
    this.#last[page] = offset + 1;
    this.#paired[page] = 1;
    for (const other of others) this.join(other, first);
  }

  /** The page at a place belongs to the group of another one. */
  join(place: number, other: number): void {
    const page = this.pageAt(place) ?? 0;
    this.#paired[page] = 1;
    this.#leaders[this.#leaderOf(page)] = this.#leaderOf(this.pageAt(other) ?? 0);
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

  /** In the order of their first pages. `loose`: numbers of page offsets. */
  *groups(loose: ReadonlyMap<number, number>): Generator<PageGroup> {
    const pages = this.#pages;
    const { count } = pages;
    const standsFor = new Uint32Array(count).map((_, page) => this.pageAt(pages.offset(page)) ?? 0);
    /** Of each leader the first page of its group, and of each page the next one in its group; + 1, 0 for none. */
    const first = new Uint32Array(count);
    const next = new Uint32Array(count);
    for (let page = count - 1; page >= 0; page--) {
      const one = standsFor[page] as number;
      if (this.#paired[one] === 0) continue;
      const leader = this.#leaderOf(one);
      next[page] = first[leader] as number;
      first[leader] = page + 1;
    }
    for (let page = 0; page < count; page++) {
      if (first[this.#leaderOf(standsFor[page] as number)] !== page + 1) continue;
      const numbers: number[] = [];
      for (let one = page + 1; one !== 0; one = next[one - 1] as number) numbers.push(one - 1);
      const offsets: Relocation[] = [];
      const looseOnes = new Set<Relocation>();
      for (const half of numbers.flatMap((number) => this.#partnersOf(number))) {
        const entry = this.#offsets.entry(half);
        offsets.push(entry);
        if (loose.has(half)) looseOnes.add(entry);
      }
      offsets.sort((a, b) => a.offset - b.offset);
      yield { pages: numbers.map((number) => pages.entry(number)), offsets, loose: looseOnes };
    }
  }

  /** Page offsets, in the order in which they were added. */
  #partnersOf(page: number): readonly number[] {
    const partners: number[] = [];
    for (let next = this.#last[page] as number; next !== 0; next = this.#before[next - 1] as number)
      partners.push(next - 1);
    return partners.reverse();
  }
}

/** Pages on either side of an offset that are looked at, before it counts as one that pairs with nothing. */
const MOST_TRIED = 256;

/** What finds the nearest page of a group that will do, pages before the place first; null: there is none. `order`: by place. */
const nearestPages = (
  pages: RelocationTable,
  order: Uint32Array,
  groupOf: (page: number) => string,
): ((place: number, group: string, fits: (page: number) => boolean) => number | null) => {
  let groups: Map<string, number[]> | undefined;
  const makeGroups = (): Map<string, number[]> => {
    const made = new Map<string, number[]>();
    for (const page of order) {
      const list = made.get(groupOf(page)) ?? [];
      made.set(groupOf(page), list);
      list.push(page);
    }
    return made;
  };
  return (place, group, fits) => {
    groups ??= makeGroups();
    const list = groups.get(group) ?? [];
    const behind = firstWhere(list.length, (index) => pages.offset(list[index] as number) >= place);
    const before = list.slice(Math.max(0, behind - MOST_TRIED), behind).reverse();
    return before.find(fits) ?? list.slice(behind, behind + MOST_TRIED).find(fits) ?? null;
  };
};
