// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What can be left out without a walk over all hyp code: what its outline does not
// reach. First one as if the host did all that it could, for which the host need not
// be read; if that is not enough, one with the host's functions. Functions of which
// the outline is uncertain, and those on the way to what it does reach that ask for
// VHE, are walked one by one, with nothing known where they are entered; then the
// outline is drawn again with what these walks have shown.
//
//     fixup_guest_exit:  mov  w1, #0         // w1: has_vhe()
//                        nop                 // with VHE: b 1f, which puts 1 into it
//                        cbz  w1, 2f         // only the walk knows what is in w1
//
// What is still reached then is left to the walk over all of it (reach.ts), which
// has the last word.

import { isReplacementCode } from '../code/sections.js';
import { guard } from '../elf/format-error.js';
import { instructionsAround } from './anywhere.js';
import { type Bounds, boundsOf, isWithin, leadsNowhereElse } from './bounds.js';
import { MAX_HELPER } from './contexts.js';
import type { Ground } from './ground.js';
import { type KnownFunction, Outline, type Width } from './outline.js';
import type { Address } from './values.js';

/** Walks of functions by themselves. Kernels from 4.16 to 5.8 need none to 10. */
const MOST_WALKS = 50;

/** In which order outlines are asked: one that needs no host code is enough for most kernels. */
const widths: readonly Width[] = ['more', 'all'];

export class Screen {
  readonly #ground: Ground;
  readonly #known = new Map<Address, KnownFunction>();
  #walks = 0;
  #hasFailed = false;
  /** What was drawn with what is known now. */
  readonly #outlines = new Map<Width, Outline>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Whether one of these places may be executed; true, too, if only a walk can tell. */
  mayExecute(places: readonly Address[]): boolean {
    if (this.#hasFailed) return true;
    return guard(
      () => widths.every((width) => this.#mayExecute(width, places)),
      () => {
        // What is known may be half of it.
        this.#hasFailed = true;
        return true;
      },
    );
  }

  #mayExecute(width: Width, places: readonly Address[]): boolean {
    if (width === 'more' && !places.every((at) => this.#isOfHyp(at))) return true;
    for (;;) {
      const outline = this.#outlines.get(width) ?? this.#draw(width);
      this.#outlines.set(width, outline);
      if (outline.isOdd) return true;
      const { executed, uncertain } = outline;
      const isLeft = places.some((at) => executed.has(at));
      const isCertain = uncertain.size === 0;
      const asked = isCertain ? (isLeft ? this.#guardsOn(outline, places) : []) : [...uncertain];
      if (asked.length === 0) return isLeft;
      this.#walks += asked.length;
      if (this.#walks > MOST_WALKS) return true;
      const before = new Map(this.#known);
      const walked = asked.map((start) => this.#walk(outline, start, isCertain));
      uncertain.clear();
      this.#giveUpOnMixed(outline);
      // It is as it was if all is reached already to which the walks led, and less than that is not needed; and if of what
      // was known before, no more is executed.
      if (isLeft || !walked.every((bounds) => outline.covers(bounds)) || this.#isMoreKnown(before))
        this.#outlines.clear();
    }
  }

  #isOfHyp(at: Address): boolean {
    const { code, tables } = this.#ground;
    return tables.hypPlaces(at).every((place) => code.isHyp(place));
  }

  /** Whether functions that were known before execute or lead to something now that they did not, or are followed from others. */
  #isMoreKnown(before: ReadonlyMap<Address, KnownFunction>): boolean {
    return [...before].some(([start, then]) => {
      const now = this.#known.get(start);
      if (!now || now === then) return false;
      const isSame =
        (then.callers === null) === (now.callers === null) && leadsNowhereElse(now.bounds, then.bounds);
      const executesNoMore = (at: Address) => then.walk.executed.has(at) || !now.walk.executed.has(at);
      return !isSame || !this.#placesIn(start).every(executesNoMore);
    });
  }

  /** The words of a function, and those that may replace them. */
  #placesIn(start: Address): readonly Address[] {
    const { tables } = this.#ground;
    return this.#wordsOf(start).flatMap((at) => [
      at,
      ...tables
        .alternativesAt(at)
        .flatMap(({ original, replacement }) =>
          replacement === null ? [] : [replacement + (at - original)],
        ),
    ]);
  }

  /**
   * A distance may be read in one function and added in another, which neither of two walks shows; nor does a walk show what
   * others compute of addresses that it gives them.
   */
  #giveUpOnMixed(outline: Outline): void {
    const known = [...this.#known.values()];
    const all = [outline.distances, ...new Set(known.map(({ walk }) => walk.distances))];
    const areMixed = all.some((one) => one.areAdded && all.some((other) => other !== one && other.areRead));
    if (areMixed || known.some(({ bounds }) => bounds.loses)) outline.isOdd = true;
  }

  #draw(width: Width): Outline {
    const ground = this.#ground;
    const outline = new Outline(ground, ground.capabilities, ground.efforts.outlining, width, this.#known);
    for (const address of ground.openEntries) outline.enter(address);
    if (width === 'all') this.#runHost(outline);
    else this.#runAsNamed(outline);
    this.#giveUpOnMixed(outline);
    return outline;
  }

  /** As if the host did all that it could. */
  #runAsNamed(outline: Outline): void {
    const { hostCalls, handedOut, labels } = this.#ground.roots;
    for (const { target } of hostCalls) outline.enter(target);
    for (const mention of handedOut) outline.handOut(mention);
    // What is no replacement among replacement code may go on in some that is: of hyp code, what that does is not the host's.
    if ([...hostCalls, ...handedOut].some(({ at }) => this.#isStray(at))) outline.isOdd = true;
    for (const { slots } of labels.all) for (const { target } of slots) outline.enter(target);
    outline.run();
  }

  /**
   * What host code hands out is handed out, and host functions that call hyp code are called. If nothing in such a function
   * ever leads to its call, the function is misunderstood, and only a walk can tell.
   */
  #runHost(outline: Outline): void {
    const ground = this.#ground;
    const known = ground.openEntries;
    const asked = ground.roots.hostCalls.filter(({ target }) => !known.has(target));
    this.#enterFunctions(outline, ground.functionsAt(asked));
    outline.run();
    const left = asked.filter(({ at }) => !outline.executed.has(at));
    if (left.length === 0) return;
    const machines = ground.capabilitiesOf('any-at-any-time');
    const ever = new Outline(ground, machines, ground.efforts.outlining, 'host');
    this.#enterFunctions(ever, ground.functionsAt(left));
    ever.run();
    if (!left.every(({ at }) => ever.executed.has(at))) outline.isOdd = true;
  }

  #isStray(at: Address): boolean {
    const { code, tables } = this.#ground;
    const section = code.placeOf(at)?.section;
    return section !== undefined && isReplacementCode(section) && tables.isInPlace(at);
  }

  #enterFunctions(outline: Outline, starts: Iterable<Address>): void {
    for (const start of starts) for (const entry of this.#ground.entriesOf(start)) outline.enter(entry);
  }

  /** The nearest functions above these places of which a walk may show more; none if there is a way without one. */
  #guardsOn({ executed, entered }: Outline, places: readonly Address[]): readonly Address[] {
    const guards = new Set<Address>();
    const left = places.filter((at) => executed.has(at));
    const above = new Set(this.#ground.functionsAt(left.map((at) => ({ at }))));
    // A set goes on with what is added to it.
    for (const start of above) {
      const { isRoot, isFlooded, callers, namers } = entered.of(start);
      if (!this.#known.has(start) && !isFlooded && this.#ground.guards.mayGuard(start)) {
        guards.add(start);
        continue;
      }
      if (isRoot) return [];
      for (const one of callers) above.add(one);
      for (const one of namers) {
        const known = this.#known.get(one);
        const isDone = known && (known.callers !== null || this.#callersOf(entered, one).length === 0);
        (isDone ? above : guards).add(one);
      }
    }
    return [...guards];
  }

  /** All callers of a small function, if they are seen and can be walked: then it is followed from there. */
  #callersOf(entered: Outline['entered'], start: Address): readonly Address[] {
    const { code } = this.#ground;
    const { isRoot, callers, namers } = entered.of(start);
    const { end } = code.extentAt(start);
    if (isRoot || namers.size > 0 || end - start > MAX_HELPER || !code.isEntry(start)) return [];
    const all = [...callers];
    return all.every((one) => !entered.of(one).isFlooded) ? all : [];
  }

  /**
   * Walks a function with nothing known where it is entered; if it is known and `mayFollow`, its callers instead: only they
   * know what becomes of an address that it leaves in a register.
   */
  #walk({ entered }: Outline, start: Address, mayFollow: boolean): Bounds {
    const ground = this.#ground;
    const followed = mayFollow && this.#known.has(start) ? this.#callersOf(entered, start) : [];
    const callers = followed.length > 0 ? new Set(followed) : null;
    const bounds = boundsOf(ground.code, [start, ...followed]);
    const walk = ground.newWalk(ground.capabilities.machines, bounds, ground.efforts.outlining);
    const entries = new Map<Address, Set<Address>>();
    for (const one of bounds.functions.keys()) {
      const { at, isFlooded } = entered.of(one);
      const all = new Set([...ground.entriesOf(one), ...at, ...(isFlooded ? this.#instructionsOf(one) : [])]);
      entries.set(one, all);
      const isFollowed = one === start && callers !== null;
      if (!isFollowed) for (const entry of all) walk.enter(entry, { kind: 'host-call' });
      this.#known.set(one, { walk, bounds, entries: all, callers: isFollowed ? callers : null });
    }
    walk.run();
    // It went on by itself to what these functions have to do with each other.
    const inner = [
      ...bounds.called,
      ...bounds.named,
      ...[...bounds.flooded].flatMap((at) => this.#instructionsOf(at)),
    ];
    for (const to of inner)
      if (isWithin(bounds, ground.code, to)) entries.get(ground.code.extentAt(to).start)?.add(to);
    return bounds;
  }

  #instructionsOf(around: Address): readonly Address[] {
    return instructionsAround(this.#ground.code, this.#ground.tables, around);
  }

  /** All of the function around an address. */
  #wordsOf(around: Address): readonly Address[] {
    const { start, end } = this.#ground.code.extentAt(around);
    return Array.from({ length: Math.ceil((end - start) / 4) }, (_, index) => start + index * 4);
  }
}
