// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What can be left out without a walk over all hyp code: what its outline does not
// reach. Functions of which the outline is uncertain, and those on the way to
// what it does reach that ask for VHE, are walked one by one, with nothing known
// where they are entered; then the outline is drawn again with what these walks
// have shown.
//
//     __activate_traps:  adr x0, __activate_traps_nvhe
//                        adr x1, __activate_traps_vhe
//                        nop                 // with VHE: mov x0, x1
//                        blr x0              // only the walk knows what is in x0
//
// What is still reached then is left to the walk over all of it (reach.ts), which
// has the last word.

import { guard } from '../elf/format-error.js';
import { instructionsAround } from './anywhere.js';
import { type Bounds, boundsOf, isWithin, leadsNowhereElse } from './bounds.js';
import { MAX_HELPER } from './contexts.js';
import type { Ground } from './ground.js';
import { type KnownFunction, Outline } from './outline.js';
import type { Address } from './values.js';

/** Walks of functions by themselves. Kernels from 4.16 to 5.8 need 2 to 20. */
const MOST_WALKS = 50;

export class Screen {
  readonly #ground: Ground;
  readonly #known = new Map<Address, KnownFunction>();
  #walks = 0;
  #hasFailed = false;
  /** null: it has to be drawn. */
  #outline: Outline | null = null;
  #widest: Outline | undefined;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Whether one of these places may be executed; true, too, if only a walk can tell. */
  mayExecute(places: readonly Address[]): boolean {
    if (this.#hasFailed) return true;
    return guard(
      () => this.#mayExecute(places),
      () => {
        // What is known may be half of it.
        this.#hasFailed = true;
        return true;
      },
    );
  }

  #mayExecute(places: readonly Address[]): boolean {
    this.#widest ??= this.#drawWidest();
    const { isOdd, uncertain, executed } = this.#widest;
    if (!isOdd && uncertain.size === 0 && !places.some((at) => executed.has(at))) return false;
    for (;;) {
      this.#outline ??= this.#draw();
      const outline = this.#outline;
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
      if (walked.some(({ loses }) => loses) || this.#mixesDistances(outline)) outline.isOdd = true;
      // It is as it was if all is reached already to which the walks led, and less than that is not needed; and if of what
      // was known before, no more is executed.
      else if (isLeft || !walked.every((bounds) => outline.covers(bounds)) || this.#isMoreKnown(before))
        this.#outline = null;
    }
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

  /** A distance may be read in one function and added in another, which neither of two walks shows. */
  #mixesDistances(outline: Outline): boolean {
    const all = [outline.distances, ...new Set([...this.#known.values()].map(({ walk }) => walk.distances))];
    return all.some((one) => one.areAdded && all.some((other) => other !== one && other.areRead));
  }

  /**
   * What host code hands out is handed out, and host functions that call hyp code are called. If nothing in such a function
   * ever leads to its call, the function is misunderstood, and only a walk can tell.
   */
  #draw(): Outline {
    const ground = this.#ground;
    const outlining = ground.efforts.outlining;
    const outline = new Outline(ground, ground.capabilities, outlining, 'all', this.#known);
    const known = ground.openEntries;
    for (const address of known) outline.enter(address);
    const asked = ground.roots.hostCalls.filter(({ target }) => !known.has(target));
    this.#enterFunctions(outline, ground.functionsAt(asked));
    outline.run();
    const left = asked.filter(({ at }) => !outline.executed.has(at));
    if (left.length > 0) {
      const ever = new Outline(ground, ground.capabilitiesOf('any-at-any-time'), outlining, 'host');
      this.#enterFunctions(ever, ground.functionsAt(left));
      ever.run();
      if (!left.every(({ at }) => ever.executed.has(at))) outline.isOdd = true;
    }
    return outline;
  }

  /** As if all functions of hyp code, and all that the host names, were entered. */
  #drawWidest(): Outline {
    const { capabilities, efforts, openEntries, roots } = this.#ground;
    const outline = new Outline(this.#ground, capabilities, efforts.outlining, 'more');
    for (const address of openEntries) outline.enter(address);
    for (const { target } of roots.hostCalls) outline.enter(target);
    for (const mention of roots.handedOut) outline.handOut(mention);
    for (const { slots } of roots.labels.all) for (const { target } of slots) outline.enter(target);
    outline.run();
    return outline;
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
