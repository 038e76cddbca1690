// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where hyp code is entered from outside: through its address (host code passes
// it to an HVC; a table or the vector register holds it), by the processor
// (vectors), and by direct branches of host code. The last are how VHE kernels
// enter it (`has_vhe() ? f() : kvm_call_hyp(f)`), so each one is examined.

import { isBranchRelocation, isDataRelocation } from '../aarch64/relocation-types.js';
import type { AddressSpace } from '../code/address-space.js';
import { codeMapOf } from '../code/code-map.js';
import type { CodeRange } from '../code/code-range.js';
import { coverAt, coversOf } from '../code/functions.js';
import { runsOf } from '../code/mapping-symbols.js';
import { mentionsOf } from '../code/mentions.js';
import { sectionsOf } from '../code/object-sections.js';
import { relocationsOf } from '../code/relocations.js';
import { givesAddress, isHypCode } from '../code/sections.js';
import { type LiteralLoads, literalLoads } from '../code/value-flow.js';
import { SLOT, vectorSlots } from '../code/vectors.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, STB, STT } from '../elf/vocabulary.js';
import { type LabelSlot, type LabelTable, LabelTables } from './label-tables.js';
import type { RootCause } from './procedure.js';
import type { Address } from './values.js';

/** An instruction of host code that branches into hyp code or forms an address in it. */
export interface HostMention {
  readonly at: Address;
  readonly target: Address;
}

export interface Roots {
  /** A large link has ten thousands. */
  readonly entries: ReadonlyMap<Address, RootCause>;
  readonly hostCalls: readonly HostMention[];
  /** Addresses that host code hands out; entries only if host code reaches that instruction. */
  readonly handedOut: readonly HostMention[];
  readonly labels: LabelTables;
}

/**
 * `ranges`: hyp code in sections of the host, all of which are vectors. `isComplete`: nothing of the link is missing,
 * so a hyp symbol that nothing names here is named nowhere. `isOfHyp`: whether an instruction outside hyp sections is
 * executed as hyp code.
 */
export const findRoots = (
  space: AddressSpace,
  ranges: readonly CodeRange[],
  isComplete: boolean,
  isOfHyp: (at: Address) => boolean,
): Roots => {
  const entries = new Map<Address, RootCause>();
  const add = (address: Address, cause: RootCause) => {
    if (!entries.has(address)) entries.set(address, cause);
  };
  const hostCalls: HostMention[] = [];
  const handedOut: HostMention[] = [];
  const labels: LabelSlot[] = [];
  for (const { code, length } of ranges) {
    for (let at = 0; at < length; at += SLOT) add(space.addressOf(code) + at, { kind: 'vector' });
  }
  const hypNames = globalHypNames(space.image.objects);
  for (const object of space.image.objects) {
    const hypSections = sectionsOf(object).hypCode;
    if (!isComplete) {
      for (const section of hypSections) {
        for (const offset of globalsOf(object, section)) {
          add(space.startOf(object, section) + offset, byName);
        }
      }
    }
    for (const section of hypSections) {
      for (const [at, target] of looseLiterals(space, object, section)) add(target, { kind: 'address', at });
    }
    for (const { section, relocation } of mentionsOf(
      object,
      hypSymbolsOf(object, hypSections, hypNames),
      object.sections.filter(canEnter),
    )) {
      const target = space.targetOf(object, relocation.symbol, relocation.addend);
      const at = space.startOf(object, section) + relocation.offset;
      if (isOfHyp(at)) continue;
      if (isBranchRelocation(relocation.type)) hostCalls.push({ at, target });
      else if (isCode(section) && !isDataRelocation(relocation.type)) handedOut.push({ at, target });
      else if (!isCode(section) && isLabel(space, target)) labels.push({ at, target });
      else add(target, { kind: 'address', at });
    }
  }
  const tables = new LabelTables(space, labels);
  for (const { at, target } of namedByHost(space, tables)) add(target, { kind: 'address', at });
  for (const address of [...entries.keys()]) {
    for (const slot of vectorSlots(space, address)) add(slot, { kind: 'vector' });
  }
  return { entries, hostCalls, handedOut, labels: tables };
};

/** Anybody may enter it who is not seen. */
const byName: RootCause = { kind: 'global' };

/** Loaded sections other than hyp code. An address of hyp code in them is an address that somebody has. */
const canEnter = (section: Section): boolean =>
  (section.flags & SHF.ALLOC) !== 0 && !isHypCode(section) && givesAddress(section);

const isCode = (section: Section): boolean => (section.flags & SHF.EXECINSTR) !== 0;

/** In the middle of a sized hyp function: who wants the function takes the address of its start. */
const isLabel = (space: AddressSpace, target: Address): boolean => {
  const place = space.placeOf(target);
  if (!place) return false;
  const cover = coverAt(place);
  return cover?.sized === true && cover.type === STT.FUNC && cover.start !== place.offset;
};

/** Labels in tables that something other than hyp code names. */
function* namedByHost(space: AddressSpace, tables: LabelTables): Generator<LabelSlot> {
  if (tables.all.length === 0) return;
  const named = new Set<LabelTable>();
  for (const object of space.image.objects) {
    const sections = new Set(
      tables.all.flatMap(({ start }) => {
        const place = space.placeOf(start);
        return place?.object === object ? [place.section] : [];
      }),
    );
    const symbols = [...sections].flatMap(({ index }) => object.symbols.inSection(index));
    for (const { relocation } of mentionsOf(object, symbols, object.sections.filter(canEnter)))
      for (const table of tables.at(space.targetOf(object, relocation.symbol, relocation.addend), false))
        named.add(table);
  }
  for (const { slots } of named) yield* slots;
}

/** Names of the global symbols in hyp code; empty if there is one object, which does not need them. */
const globalHypNames = (objects: readonly ObjectFile[]): ReadonlySet<string> => {
  const names = new Set<string>();
  if (objects.length < 2) return names;
  for (const object of objects) {
    const { symbols } = object;
    for (const section of sectionsOf(object).hypCode) {
      for (const symbol of symbols.inSection(section.index)) {
        if (symbols.binding(symbol) !== STB.LOCAL) names.add(symbols.name(symbol));
      }
    }
  }
  return names;
};

/** Symbols that are hyp code, in this object or another. */
function* hypSymbolsOf(
  { symbols }: ObjectFile,
  hypSections: readonly Section[],
  names: ReadonlySet<string>,
): Generator<number> {
  for (const { index } of hypSections) yield* symbols.inSection(index);
  if (names.size === 0) return;
  for (let symbol = 1; symbol < symbols.count; symbol++) {
    if (symbols.isUndefined(symbol) && names.has(symbols.name(symbol))) yield symbol;
  }
}

const globalsOf = (object: ObjectFile, section: Section): readonly number[] =>
  coversOf(object, section)
    .filter(({ isGlobal }) => isGlobal)
    .map(({ start }) => start);

/** Addresses in data among the code that are not followed from an LDR (literal) of a general register: slot and target. */
function* looseLiterals(
  space: AddressSpace,
  object: ObjectFile,
  section: Section,
): Generator<readonly [Address, Address]> {
  const start = space.startOf(object, section);
  const runs = runsOf(object, section);
  let loads: LiteralLoads | undefined;
  for (const { offset, symbol, addend } of relocationsOf(object, section).within(0, section.size)) {
    if (runs.isCode(offset)) continue;
    loads ??= literalLoads(codeMapOf(object, section));
    if (!loads.general.has(offset) || loads.others.has(offset))
      yield [start + offset, space.targetOf(object, symbol, addend)];
  }
}
