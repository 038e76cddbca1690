// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where hyp code is entered from outside: by address (host code hands it to an
// HVC, a table or a vector register has it), by the processor (vectors), and by
// direct branches of host code, which on kernels with VHE are VHE's way in
// (`has_vhe() ? f() : kvm_call_hyp(f)`) and so have to be looked at one by one.

import { CodeMap } from '../aarch64/code-map.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT, STB } from '../elf/vocabulary.js';
import { type Cover, coversOf } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import { isHypSection } from '../policy/section-families.js';
import type { CodeRange } from '../references/code-range.js';
import { literalLoads } from '../references/value-flow.js';
import type { AddressSpace } from './address-space.js';
import { isPatchTable } from './patch-tables.js';
import { isBranchRelocation } from './step.js';
import type { Address } from './values.js';
import type { RootCause } from './walk.js';

/** A branch of host code into hyp code. */
export interface HostCall {
  readonly at: Address;
  readonly target: Address;
}

export interface Roots {
  readonly entries: readonly { readonly address: Address; readonly cause: RootCause }[];
  readonly hostCalls: readonly HostCall[];
}

/** Sections that name code without a way to get there: unwind tables, lists of what may not be probed or was traced. */
const ANNOTATIONS =
  /^(\.eh_frame|\.discard|__mcount_loc|__patchable_function_entries|_kprobe_blacklist|__bug_table|\.orc|\.kcfi_traps)/;

const isHypCode = (section: Section): boolean =>
  isHypSection(section) && section.type !== SHT.NOBITS && (section.flags & SHF.EXECINSTR) !== 0;

/**
 * `ranges`: hyp code in sections of the host: vectors, all of them. `isComplete`: nothing of the link is missing, so
 * what names no hyp symbol here does not name it anywhere. `isOfHyp`: an instruction outside hyp sections that hyp code
 * executes.
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
  const hostCalls: HostCall[] = [];
  for (const { code, length } of ranges) {
    for (let at = 0; at < length; at += SLOT) add(space.addressOf(code) + at, { kind: 'vector' });
  }
  const hypNames = globalHypNames(space.image.objects);
  for (const object of space.image.objects) {
    const hypSections = object.sections.filter(isHypCode);
    if (!isComplete) {
      for (const section of hypSections) {
        for (const offset of globalsOf(object, section)) {
          add(space.startOf(object, section) + offset, { kind: 'global' });
        }
      }
    }
    for (const section of hypSections) {
      for (const [at, target] of looseLiterals(space, object, section)) add(target, { kind: 'address', at });
    }
    const isHyp = markHypSymbols(object, hypSections, hypNames);
    if (!isHyp) continue;
    for (const rela of object.sections) {
      const section = rela.type === SHT.RELA ? object.sections[rela.info] : undefined;
      if (!section || !canEnter(section)) continue;
      const start = space.startOf(object, section);
      for (const table of object.relocationChunks(rela)) {
        for (let index = 0; index < table.count; index++) {
          const symbol = table.symbol(index);
          if (isHyp[symbol] !== 1) continue;
          const target = space.targetOf(object, symbol, table.addend(index));
          const at = start + table.offset(index);
          if (isOfHyp(at)) continue;
          if (isBranchRelocation(table.type(index))) hostCalls.push({ at, target });
          else add(target, { kind: 'address', at });
        }
      }
    }
  }
  for (const address of [...entries.keys()]) {
    for (const slot of vectorSlots(space, address)) add(slot, { kind: 'vector' });
  }
  return { entries: [...entries].map(([address, cause]) => ({ address, cause })), hostCalls };
};

/** Loaded sections other than hyp code whose mention of an address gives somebody the address. */
const canEnter = (section: Section): boolean =>
  (section.flags & SHF.ALLOC) !== 0 &&
  !isHypCode(section) &&
  !isPatchTable(section) &&
  !ANNOTATIONS.test(section.name);

/** Names of global symbols in hyp code; empty for one object, which needs none. */
const globalHypNames = (objects: readonly ObjectFile[]): ReadonlySet<string> => {
  const names = new Set<string>();
  if (objects.length < 2) return names;
  for (const { symbols, sections } of objects) {
    for (const section of sections.filter(isHypCode)) {
      for (const symbol of symbols.inSection(section.index)) {
        if (symbols.binding(symbol) !== STB.LOCAL) names.add(symbols.name(symbol));
      }
    }
  }
  return names;
};

/** Per symbol 1 where it is hyp code; null where none is. */
const markHypSymbols = (
  { symbols }: ObjectFile,
  hypSections: readonly Section[],
  names: ReadonlySet<string>,
): Uint8Array | null => {
  const marks = new Uint8Array(symbols.count);
  let any = false;
  for (const section of hypSections) {
    for (const symbol of symbols.inSection(section.index)) {
      marks[symbol] = 1;
      any = true;
    }
  }
  if (names.size > 0) {
    for (let symbol = 1; symbol < symbols.count; symbol++) {
      if (!symbols.isUndefined(symbol) || !names.has(symbols.name(symbol))) continue;
      marks[symbol] = 1;
      any = true;
    }
  }
  return any ? marks : null;
};

const globalsOf = (object: ObjectFile, section: Section): readonly number[] =>
  coversOf(object, section)
    .filter(({ symbol }) => object.symbols.binding(symbol) !== STB.LOCAL)
    .map(({ start }) => start);

/** Addresses among the code that no LDR (literal) fetches: slot and target. */
function* looseLiterals(
  space: AddressSpace,
  object: ObjectFile,
  section: Section,
): Generator<readonly [Address, Address]> {
  let map: CodeMap | undefined;
  let loads: ReadonlyMap<number, readonly number[]> | undefined;
  const start = space.startOf(object, section);
  for (const rela of object.relocationSections(section)) {
    if (rela.type !== SHT.RELA) continue;
    for (const table of object.relocationChunks(rela)) {
      for (let index = 0; index < table.count; index++) {
        const offset = table.offset(index);
        map ??= new CodeMap(object, section);
        if (map.isCode(offset)) continue;
        loads ??= literalLoads(map);
        if (!loads.has(offset)) {
          yield [start + offset, space.targetOf(object, table.symbol(index), table.addend(index))];
        }
      }
    }
  }
}

/** Tables of exception vectors, by name: 16 slots, or several sets of them. */
const VECTORS = /^(__kvm_hyp_vector|__kvm_hyp_init|__hyp_stub_vectors|__bp_harden_hyp_vecs(_start)?)$/;
const SLOT = 0x80;
const SLOTS = 16;

/**
 * The slots of a vector table that begins at an address; none where it is no such table. VBAR_EL2 is aligned to 2 KiB,
 * so a label without a type that is so aligned counts as a table too.
 */
export function* vectorSlots(
  space: AddressSpace,
  address: Address,
  isTableForSure = false,
): Generator<Address> {
  const place = space.placeOf(address);
  if (!place || !isHypCode(place.section) || place.offset % SLOT !== 0) return;
  const { object, section, offset } = place;
  const covers = coversOf(object, section);
  const here: Cover[] = [];
  for (let index = firstAt(covers, offset); covers[index]?.start === offset; index++) {
    const cover = covers[index];
    if (cover) here.push(cover);
  }
  const isNamed = here.some(({ name }) => VECTORS.test(sourceName(name)));
  const isTable =
    isTableForSure ||
    isNamed ||
    (here.length > 0 && offset % 2048 === 0 && here.every(({ sized }) => !sized));
  if (!isTable) return;
  const isSet = here.some(({ name }) => sourceName(name).startsWith('__bp_harden_hyp_vecs'));
  const end = isSet
    ? (covers.find(({ name }) => sourceName(name) === '__bp_harden_hyp_vecs_end')?.start ?? 0)
    : 0;
  const slots = end > offset ? Math.floor((end - offset) / SLOT) : SLOTS;
  for (let slot = 0; slot < slots && offset + slot * SLOT < section.size; slot++) yield address + slot * SLOT;
}

/** The index of the first cover that starts at an offset or behind it. */
const firstAt = (covers: readonly Cover[], offset: number): number => {
  let low = 0;
  let high = covers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((covers[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
};
