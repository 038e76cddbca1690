// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who calls a function of the host, and who calls those: a guard may stand
// several callers above the one that calls hyp code.
//
//     static void load(void)  { __vgic_v3_restore_state(); }    // hyp code
//     static void enter(void) { load(); }
//     void run(void)          { if (has_vhe()) enter(); }       // the only guard
//
// A function counts as entered, whatever its callers are, if somebody may enter
// it who is not seen: its address is taken, data or a table of exported symbols
// names it, another object may call it, or nothing at all does but functions of
// which the same is true. Only its direct callers are asked otherwise. Callees
// in the same section are called without relocations, so the words of that
// section are looked at, all of them: this is done for what would be reported, and
// for nothing else.

import { formsAddress, placedAddress } from '../aarch64/address-fields.js';
import { directDisplacement, isDirectBranch } from '../aarch64/finished-code.js';
import { endsFlow, NOP } from '../aarch64/instructions.js';
import { isBranchRelocation } from '../aarch64/relocation-types.js';
import type { Code } from '../code/code.js';
import { coversOf } from '../code/functions.js';
import { mentionsOf } from '../code/mentions.js';
import type { PatchTables } from '../code/patch-tables.js';
import { givesAddress, patchTableOf } from '../code/sections.js';
import { lastNotAbove } from '../elf/bisect.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, STB, STT } from '../elf/vocabulary.js';
import { neverReturns } from './noreturn.js';
import type { Address } from './values.js';

/** A direct branch, or a patched one, from one function into another. */
export interface HostCall {
  /** Where it stands; for replacement code that is not where it is executed. */
  readonly at: Address;
  readonly target: Address;
  /** The start of the function that executes it; null: hyp code. */
  readonly caller: Address | null;
  readonly callee: Address;
  /** Between two parts of one function, f and f.cold: no call, and the walk of the one goes on in the other. */
  readonly isInside: boolean;
}

export interface HostCallers {
  /** The starts of functions that somebody may enter who is not seen. */
  readonly roots: ReadonlySet<Address>;
  readonly calls: readonly HostCall[];
  /** By the start of a function, the places in its middle, without a label, to which others branch: behind what it tests. */
  readonly middles: Middles;
}

type Middles = ReadonlyMap<Address, ReadonlySet<Address>>;

/** Calls one above the other, and functions, that are looked at; what is above these counts as entered. */
const MOST_LEVELS = 8;
const MOST_FUNCTIONS = 200;

/**
 * `functions`: where they start. `mayGuard`: whether a function may leave calls out; if not, it makes all of them when it
 * is entered. `isComplete`: nothing of the link is missing.
 */
export const findHostCallers = (
  code: Code,
  tables: PatchTables,
  functions: Iterable<Address>,
  mayGuard: (start: Address) => boolean,
  isComplete: boolean,
): HostCallers => {
  const seen = new Set(functions);
  const roots = new Set<Address>();
  const middles = new Map<Address, ReadonlySet<Address>>();
  let calls: readonly HostCall[] = [];
  // A finished kernel's relocations are read out of its instructions, and not all of them are seen.
  const isSearched = code.space.image.objects.every(({ places }) => places === null);
  let level = [...seen];
  for (let depth = 0; level.length > 0; depth++) {
    if (!isSearched || depth === MOST_LEVELS || seen.size > MOST_FUNCTIONS) {
      for (const start of level) roots.add(start);
      break;
    }
    const found = new Level(code, tables, level, isComplete);
    for (const start of level) if (found.isEntered(start)) roots.add(start);
    for (const [start, places] of found.middles) middles.set(start, places);
    calls = spread(roots, [...calls, ...found.calls], mayGuard);
    level = [...new Set(calls.flatMap(({ caller }) => caller ?? []))].filter((start) => !seen.has(start));
    for (const start of level) seen.add(start);
  }
  for (const start of withoutWayIn(seen, roots, calls)) roots.add(start);
  return { roots, calls: spread(roots, calls, mayGuard), middles };
};

/**
 * Functions to which no chain of calls leads from one that is entered: a function that calls itself, or f and f.cold, have
 * callers, and are called by nobody all the same.
 */
const withoutWayIn = (
  functions: ReadonlySet<Address>,
  roots: ReadonlySet<Address>,
  calls: readonly HostCall[],
): readonly Address[] => {
  const ledTo = new Set(roots);
  for (let size = -1; size < ledTo.size; ) {
    size = ledTo.size;
    for (const { caller, callee } of calls) if (caller === null || ledTo.has(caller)) ledTo.add(callee);
  }
  return [...functions].filter((start) => !ledTo.has(start));
};

/** Adds to the roots what they surely call, and returns the calls of other functions. */
const spread = (
  roots: Set<Address>,
  calls: readonly HostCall[],
  mayGuard: (start: Address) => boolean,
): readonly HostCall[] => {
  let open = calls;
  for (;;) {
    const sure = open.filter(({ caller }) => caller !== null && roots.has(caller) && !mayGuard(caller));
    for (const { callee } of sure) roots.add(callee);
    open = open.filter(({ callee }) => !roots.has(callee));
    if (sure.length === 0) return open;
  }
};

/** Some functions of the host and what refers to them. */
class Level {
  readonly calls: HostCall[] = [];
  readonly middles = new Map<Address, Set<Address>>();
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #functions: ReadonlySet<Address>;
  readonly #named = new Set<Address>();
  /** The sections that the functions are in, where these start, and where they end. */
  readonly #homes = new Map<Section, Home>();

  constructor(code: Code, tables: PatchTables, functions: readonly Address[], isComplete: boolean) {
    this.#code = code;
    this.#tables = tables;
    this.#functions = new Set(functions);
    for (const start of [...functions].sort((a, b) => a - b)) {
      const place = code.placeOf(start);
      if (!place) continue;
      const home = this.#homes.get(place.section) ?? { object: place.object, starts: [], ends: [] };
      home.starts.push(start);
      home.ends.push(code.extentAt(start).end);
      this.#homes.set(place.section, home);
    }
    const names = new Set<string>();
    for (const [section, home] of this.#homes) {
      for (const name of this.#globalsIn(section, home, isComplete)) names.add(name);
      this.#readWords(section, home);
    }
    for (const object of code.space.image.objects) this.#readRelocations(object, names);
    for (const [at, target] of tables.edges()) this.#addCall(at, target);
    for (const start of functions) this.#addFallThrough(start);
  }

  /** Somebody may enter it who is not seen. */
  isEntered(start: Address): boolean {
    return this.#named.has(start) || !this.calls.some(({ callee }) => callee === start);
  }

  #functionOf(address: Address): Address | null {
    const { start, end } = this.#code.extentAt(address);
    return start < end && this.#functions.has(start) ? start : null;
  }

  /** Names by which other objects may call the functions in a section. In an incomplete link, somebody does. */
  #globalsIn(section: Section, { object }: Home, isComplete: boolean): readonly string[] {
    const start = this.#code.space.startOf(object, section);
    const globals = coversOf(object, section).filter(({ isGlobal }) => isGlobal);
    return globals.flatMap((cover) => {
      const callee = this.#functionOf(start + cover.start);
      if (callee === null) return [];
      if (!isComplete) this.#named.add(callee);
      return cover.name;
    });
  }

  /** Branches and ADRs that the assembler has resolved. */
  #readWords(section: Section, home: Home): void {
    const { object } = home;
    const start = this.#code.space.startOf(object, section);
    const size = object.sizeOf(section);
    for (let piece = 0; piece < size; piece += PIECE) {
      const words = wordsOf(object.read(section, piece, Math.min(PIECE, size - piece)));
      for (let index = 0; index < words.length; index++) {
        const word = words[index] ?? 0;
        const at = start + piece + index * 4;
        if (isDirectBranch(word)) {
          const target = at + directDisplacement(word);
          if (isIn(home, target) && !this.#code.patchedAt(at)) this.#addCall(at, target);
        } else if (formsAddress(word)) {
          const placed = placedAddress(word);
          if (placed?.type !== 'ADR_PREL_LO21') continue;
          const target = at + placed.displacement;
          const callee = isIn(home, target) && !this.#code.patchedAt(at) ? this.#functionOf(target) : null;
          if (callee !== null) this.#addName(at, callee);
        }
      }
    }
  }

  #readRelocations(object: ObjectFile, names: ReadonlySet<string>): void {
    const { space } = this.#code;
    const loaded = object.sections.filter(isLoaded);
    for (const { section, relocation } of mentionsOf(object, this.#symbolsOf(object, names), loaded)) {
      const target = space.targetOf(object, relocation.symbol, relocation.addend);
      const callee = this.#functionOf(target);
      if (callee === null) continue;
      const at = space.startOf(object, section) + relocation.offset;
      if (isBranchRelocation(relocation.type)) {
        this.#addCall(at, target);
        continue;
      }
      // Of the tables only alternatives name a function as such, to call it: its callback.
      const table = patchTableOf(section);
      if (this.#isArm(at, target)) continue;
      if (table === null ? givesAddress(section) : table === 'alternatives' && target === callee)
        this.#addName(at, callee);
    }
  }

  /** Symbols that may stand for one of the functions. */
  *#symbolsOf({ sections, symbols }: ObjectFile, names: ReadonlySet<string>): Generator<number> {
    for (const section of sections) {
      const home = this.#homes.get(section);
      if (!home) continue;
      const start = this.#code.space.startOf(home.object, section);
      for (const symbol of symbols.inSection(section.index)) {
        if (isIn(home, start + symbols.value(symbol)) || symbols.type(symbol) !== STT.FUNC) yield symbol;
      }
    }
    for (let symbol = 1; symbol < symbols.count; symbol++) {
      const isElsewhere = symbols.isUndefined(symbol) || symbols.binding(symbol) === STB.WEAK;
      if (isElsewhere && names.has(symbols.name(symbol))) yield symbol;
    }
  }

  /**
   * Data names a place in the middle of a function where no label stands, as the table of a switch does: who wants the
   * function names its start.
   */
  #isArm(at: Address, target: Address): boolean {
    const code = this.#code;
    const { start } = code.extentAt(target);
    if (target === start || !code.isFunctionStart(start) || code.sectionAt(at)) return false;
    return !code.isLabel(target);
  }

  /** What code of the function itself forms, nobody else has yet. */
  #addName(at: Address, callee: Address): void {
    const isOwn = this.#code.isCode(at) && this.#code.extentAt(at).start === callee;
    if (!isOwn) this.#named.add(callee);
  }

  #addCall(at: Address, target: Address): void {
    const callee = this.#functionOf(target);
    if (callee === null) return;
    const code = this.#code;
    if (!code.isCode(at)) this.#named.add(callee);
    for (const place of this.#tables.executionPlaces(at)) {
      const { start } = code.extentAt(place);
      if (!code.isCode(place) || start === callee) continue;
      const isInside = code.isSameSource(place, target) && code.instructionAt(at).branch?.kind !== 'call';
      this.calls.push({ at, target, caller: code.isHyp(place) ? null : start, callee, isInside });
      if (target === callee || isInside || code.isLabel(target)) continue;
      this.middles.set(callee, (this.middles.get(callee) ?? new Set()).add(target));
    }
  }

  /** Control may come out of the code in front of a function. */
  #addFallThrough(start: Address): void {
    const code = this.#code;
    let at = start - 4;
    while (code.isCode(at) && code.word(at) === NOP) at -= 4;
    if (!code.isCode(at)) return;
    const { branch, patched } = code.instructionAt(at);
    if (branch && endsFlow(branch)) return;
    const callee = patched?.target ?? at + (branch?.displacement ?? 0);
    if (branch?.kind === 'call' && neverReturns(code.nameOf(callee) ?? '', code.isHyp(callee))) return;
    this.#addCall(at, start);
  }
}

interface Home {
  readonly object: ObjectFile;
  readonly starts: Address[];
  readonly ends: Address[];
}

/** Whether one of the functions of a section is there: most words branch to something else. */
const isIn = ({ starts, ends }: Home, target: Address): boolean =>
  target < (ends[lastNotAbove(starts, target)] ?? 0);

/** Bytes that are read at once. */
const PIECE = 1 << 20;

const isLoaded = ({ flags }: Section): boolean => (flags & SHF.ALLOC) !== 0;
