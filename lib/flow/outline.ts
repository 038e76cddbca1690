// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All that could be executed whatever registers hold: where branches, patches and
// formed addresses lead on the machines that are meant. Of values, which the walk
// (walk.ts) follows, nothing is known here. So it takes a tenth of the time, and
// what it does not reach, no walk reaches.
//
//         nop                // a static key of VHE, which branches to 1: with VHE only
//         ret
//     1:  bl   f             // not reached: no walk is needed to leave f out
//
// It errs towards more: every call comes back, and a branch through a register
// goes to all of its function. Where an address of hyp code is formed, and more is
// done with it than to call it (plain-uses.ts), only a walk knows what becomes of it:
// such functions are `uncertain` until they were walked by themselves (screen.ts). Where a walk would have to tell of doubts (data that
// are executed, code that leaves its section), or a return address is computed,
// the outline gives up.

import { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import type { Extent } from '../code/code-range.js';
import type { PatchTables } from '../code/patch-tables.js';
import { SLOT } from '../code/vectors.js';
import { instructionsAround } from './anywhere.js';
import { isAstray, isRunnableData } from './astray.js';
import { type Bounds, isWithin } from './bounds.js';
import type { Capabilities } from './capability.js';
import type { Distances } from './distance-tables.js';
import { type Effort, stepCosts } from './effort.js';
import { EnteredFunctions, UNSEEN } from './entered.js';
import { Escapes } from './escapes.js';
import type { Ground } from './ground.js';
import type { LabelTables } from './label-tables.js';
import { PlainStepper } from './plain-step.js';
import type { PlainUsers } from './plain-uses.js';
import type { HostMention } from './roots.js';
import { isSwitchBase, tableOfSwitch } from './switch-base.js';
import type { Address, Site } from './values.js';
import type { Walk } from './walk.js';

/** A function that was walked by itself, or followed from its callers. */
export interface KnownFunction {
  readonly walk: Walk;
  readonly bounds: Bounds;
  /** Where it was entered. */
  readonly entries: ReadonlySet<Address>;
  /** The callers from which it was followed; null: it was walked for whoever calls it. */
  readonly callers: ReadonlySet<Address> | null;
}

export type KnownFunctions = ReadonlyMap<Address, KnownFunction>;

/**
 * What is drawn: all; the host alone, in which calls into hyp code just return; or more than all, where what a walk would
 * tell more exactly counts as anything, so that little is uncertain.
 */
export type Width = 'all' | 'host' | 'more';

const noFunction: Extent = { start: UNSEEN, end: UNSEEN };

export class Outline {
  /** Every word that may be executed; of replacement code, where it stands. */
  readonly executed: AddressSet;
  readonly entered: EnteredFunctions;
  /** Functions of hyp code, by their starts, that form an address of hyp code, of which it is not known what becomes of it. */
  readonly uncertain = new Set<Address>();
  /** It has met what only a walk can follow. */
  isOdd = false;
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #labels: LabelTables;
  readonly #stepper: PlainStepper;
  readonly #users: PlainUsers;
  readonly #effort: Effort;
  readonly #known: KnownFunctions;
  readonly #width: Width;
  readonly #escapes: Escapes;
  readonly #reached: AddressSet;
  readonly #silent: AddressSet;
  readonly #due: Address[] = [];
  /** Functions of which every instruction is due. */
  readonly #whole = new Set<Address>();
  /** Known functions that are reached. */
  readonly #taken = new Set<Address>();
  /** The function that is being followed. */
  #function = noFunction;
  /** Where its own code begins: what lies behind a sized function has the start of that. */
  #floor = 0;

  /** `known`: what walks of some functions have shown. */
  constructor(
    ground: Ground,
    capabilities: Capabilities,
    effort: Effort,
    width: Width,
    known: KnownFunctions = new Map(),
  ) {
    const { code, tables, roots, silent } = ground;
    this.#code = code;
    this.#tables = tables;
    this.#labels = roots.labels;
    this.#stepper = new PlainStepper(code, tables, capabilities, silent, {
      executes: (at) => this.executed.add(at),
      goes: (pc, to) => this.#go(pc, to),
      goesAnywhere: (pc) => this.#enterAll(pc),
      forms: (pc, at, target) => this.#form(pc, at, target),
      movesLink: () => {
        this.isOdd = true;
      },
    });
    this.#users = ground.plainUsersOf(capabilities);
    this.#effort = effort;
    this.#known = known;
    this.#width = width;
    this.executed = new AddressSet(code.space);
    this.entered = new EnteredFunctions(code);
    this.#reached = new AddressSet(code.space);
    this.#silent = silent;
    const entrances = {
      enter: (to: Address) => this.#name(to),
      flood: (around: Address) => this.#flood(around),
    };
    this.#escapes = new Escapes(code, roots.labels, entrances, effort, width !== 'host');
  }

  /** Makes an address an entry; run() follows it. */
  enter(to: Address): void {
    if (!this.#code.isCode(to)) return;
    this.entered.addRoot(to);
    this.#due.push(to);
  }

  /** The host hands out an address; run() follows it. */
  handOut({ at, target }: HostMention): void {
    this.#function = noFunction;
    this.#escapes.lost({ target, at, via: null, inexact: true });
  }

  run(): void {
    for (let pc = this.#due.pop(); pc !== undefined; pc = this.#due.pop()) this.#follow(pc);
    for (const start of this.#taken) if (!this.#isAllKnown(start)) this.uncertain.add(start);
    for (const start of this.#users.ordered)
      if (!this.#known.has(start) && !this.#isEnteredAtLabels(start)) this.uncertain.add(start);
  }

  #isEnteredAtLabels(start: Address): boolean {
    return !this.#whole.has(start) && [...this.entered.of(start).at].every((at) => this.#code.isEntry(at));
  }

  /** Whether the walk of a known function saw all that enters it. */
  #isAllKnown(start: Address): boolean {
    const known = this.#known.get(start);
    if (!known) return false;
    const { entries, callers: expected } = known;
    const { at, callers, namers, isRoot, isFlooded } = this.entered.of(start);
    const { end } = this.#code.extentAt(start);
    if ([...at].some((entry) => entry < end && !entries.has(entry))) return false;
    if (isFlooded && !instructionsAround(this.#code, this.#tables, start).every((pc) => entries.has(pc)))
      return false;
    return (
      expected === null || (!isRoot && namers.size === 0 && [...callers].every((one) => expected.has(one)))
    );
  }

  get distances(): Distances {
    return this.#escapes.distances;
  }

  /** Whether all is reached to which a walk of some functions led. */
  covers({ called, named, flooded }: Bounds): boolean {
    const code = this.#code;
    const isReached = (at: Address): boolean => this.#reached.has(at) || !code.isCode(at) || !code.isHyp(at);
    const isFlooded = (around: Address) => instructionsAround(code, this.#tables, around).every(isReached);
    return [...flooded].every(isFlooded) && [...called, ...named].every(isReached);
  }

  /** The function that is being followed forms the address of an entry. */
  #name(to: Address): void {
    if (!this.#code.isCode(to)) return;
    this.entered.addNamer(to, this.#function.start);
    this.#due.push(to);
  }

  #flood(around: Address): void {
    const { start } = this.#code.extentAt(around);
    this.entered.addFlooder(around, this.#function.start);
    // What a function makes of its own labels, a walk of it has shown.
    if (start !== this.#function.start || !this.#known.has(start)) this.#enterAll(around);
  }

  #enterAll(around: Address): void {
    const { start, end } = this.#code.extentAt(around);
    // Behind a sized function: not told apart from it here.
    if (this.#code.extentAt(start).end !== end) this.isOdd = true;
    if (this.#whole.has(start)) return;
    this.#whole.add(start);
    for (const at of instructionsAround(this.#code, this.#tables, around)) this.#due.push(at);
  }

  /** From a place to where control does not go straight on, or has been. */
  #follow(from: Address): void {
    const extent = this.#code.extentAt(from);
    this.#function = extent;
    this.#floor = this.#code.ownExtentAt(from, extent).start;
    const known = this.#known.get(extent.start);
    if (known && isWithin(known.bounds, this.#code, from)) {
      this.#reached.add(from);
      this.#take(known, this.#code.extentAt(extent.start));
      return;
    }
    for (let pc = from; !this.#reached.has(pc); ) {
      const next = this.#overSilent(pc, extent.end);
      if (next === pc) {
        this.#reached.add(pc);
        this.#effort.spend(stepCosts.outlined);
        if (!this.#stepper.at(pc)) return;
      }
      pc = Math.max(next, pc + 4);
      if (pc >= extent.end || !this.#code.isCode(pc)) {
        this.#go(pc - 4, pc);
        return;
      }
    }
  }

  /** Over instructions that do nothing but go on, as is known from an outline before; returns what comes next. */
  #overSilent(from: Address, end: Address): Address {
    const next = this.#reached.addRun(from, end, this.#silent);
    if (next === from) return from;
    this.executed.addRange(from, next);
    this.#effort.spend(((next - from) / 4) * stepCosts.outlined);
    return next;
  }

  /** What a walk has shown of a function. */
  #take({ walk, bounds }: KnownFunction, { start, end }: Extent): void {
    if (this.#taken.has(start)) return;
    this.#taken.add(start);
    for (let at = start; at < end; at += 4) {
      if (walk.executed.has(at)) this.executed.add(at);
      for (const { original, replacement } of this.#tables.alternativesAt(at)) {
        const other = (replacement ?? original) + (at - original);
        if (walk.executed.has(other)) this.executed.add(other);
      }
    }
    for (const to of bounds.called) this.#go(start, to);
    for (const to of bounds.named) this.#name(to);
    for (const to of bounds.flooded) this.#flood(to);
  }

  #form(pc: Address, at: Address, target: Address): void {
    const code = this.#code;
    const site = { target, at, via: null, inexact: true };
    // Which table of labels is meant, depends on what is added.
    if (this.#labels.areNear(target)) this.isOdd = true;
    if (!code.isHyp(target) || !code.isHyp(pc)) this.#escapes.lost(site);
    else if (isSwitchBase(code, this.#tables, at, target, this.#function))
      this.#escapes.switched(site, tableOfSwitch(code, this.#tables, at, this.#function));
    else this.#formHyp(site);
  }

  /** Hyp code forms an address of hyp code. It may do several things with it. */
  #formHyp(site: Site): void {
    const { at, target } = site;
    const code = this.#code;
    const { start, end } = this.#function;
    const uses = code.isCode(target) ? this.#users.usesOf(at, target) : null;
    // A sum may be put into VBAR_EL2, or be that of a switch: then it is looked at what is added.
    const mayBeSlot = uses?.isMoved === true && (code.placeOf(target)?.offset ?? 0) % SLOT === 0;
    const isExact = uses?.isMoved === true && (mayBeSlot || (target >= start && target < end));
    if (!uses || (isExact && this.#width !== 'more')) {
      this.uncertain.add(start);
      this.#name(target);
      return;
    }
    if (!uses.isUsed) return;
    this.#escapes.lost({ ...site, inexact: false }, uses.isVectors || mayBeSlot ? 'vectors' : 'data');
    if (uses.isMoved) this.#escapes.lost(site, 'target');
  }

  #go(from: Address, to: Address): void {
    const code = this.#code;
    const { start, end } = this.#function;
    if (!code.isCode(to)) {
      const isNamed = code.space.nameOf(to) !== null;
      if (isRunnableData(code, to) || (!isNamed && isAstray(code, this.#tables, from, to))) this.isOdd = true;
    } else if (to >= this.#floor && to < end) this.#due.push(to);
    // Other functions of the host are entered where they mention hyp code; code without a symbol is nobody else's.
    else if (code.isHyp(to) ? this.#width !== 'host' : !code.isEntry(to) || code.isSameSource(from, to)) {
      this.entered.addCaller(to, start);
      this.#due.push(to);
    }
  }
}
