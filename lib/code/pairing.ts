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
  readonly groups: readonly PageGroup[];
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
  const pageAt = new Map(pages.map((page) => [page.offset, page]));
  const functionOf = (offset: number) =>
    coverAt({ object: code.object, section: code.section, offset })?.start;

  /** Union-find over pages: the leader of each one's group. */
  const leaders = new Map<number, number>();
  const leaderOf = (offset: number): number => {
    let leader = offset;
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader)) {
      // The way becomes shorter for whoever asks next.
      leaders.set(leader, leaders.get(next) ?? next);
      leader = next;
    }
    return leader;
  };
  const nearest = nearestPages(pages, (page) =>
    gotPages ? `${functionOf(page.offset)}` : `${functionOf(page.offset)} ${page.symbol}`,
  );

  const partners = new Map<number, Relocation[]>();
  const single: Relocation[] = [];
  /** Page offsets that are paired by S + A alone, each with the place of its page. */
  const loose = new Map<Relocation, number>();
  const paired = new Set<number>();
  for (const half of offsets) {
    const fits = (at: number): boolean => {
      const page = pageAt.get(at);
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
    const [first, ...others] = found;
    if (first === undefined) {
      single.push(half);
      continue;
    }
    const leader = leaderOf(first);
    for (const other of others) leaders.set(leaderOf(other), leader);
    for (const at of found) paired.add(at);
    const known = partners.get(first);
    if (known) known.push(half);
    else partners.set(first, [half]);
  }

  // Where the value went through the stack, several pages may have led there.
  for (const page of pages) {
    if (paired.has(page.offset) || gotPages) continue;
    const home = functionOf(page.offset);
    for (const [half, first] of loose) {
      if (!sameTarget(page, half) || functionOf(half.offset) !== home) continue;
      leaders.set(leaderOf(page.offset), leaderOf(first));
      paired.add(page.offset);
      break;
    }
  }

  const groups = new Map<number, { pages: Relocation[]; offsets: Relocation[] }>();
  for (const page of pages) {
    if (!paired.has(page.offset)) {
      single.push(page);
      continue;
    }
    const leader = leaderOf(page.offset);
    const halves = partners.get(page.offset) ?? [];
    const group = groups.get(leader);
    // Most groups are of one page: its partners are not put into another list.
    if (!group) groups.set(leader, { pages: [page], offsets: halves });
    else {
      group.pages.push(page);
      // Of two pages at one place, as a damaged table may have them, the partners are in the list.
      if (halves !== group.offsets) for (const half of halves) group.offsets.push(half);
    }
  }
  for (const group of groups.values()) group.offsets.sort((a, b) => a.offset - b.offset);
  return { groups: [...groups.values()], loose: new Set(loose.keys()), single };
};

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
