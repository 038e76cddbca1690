// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where hyp code is entered from outside: by address (host code hands it to an
// HVC, a table or a vector register has it), by the processor (vectors), and by
// direct branches of host code, which on kernels with VHE are VHE's way in
// (`has_vhe() ? f() : kvm_call_hyp(f)`) and so have to be looked at one by one.

import { isBranchRelocation } from '../aarch64/relocation-types.js';
import type { AddressSpace } from '../code/address-space.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import type { CodeRange } from '../code/code-range.js';
import { coversOf } from '../code/functions.js';
import { givesAddress, isHypCode } from '../code/sections.js';
import { literalLoads } from '../code/value-flow.js';
import { SLOT, vectorSlots } from '../code/vectors.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT, STB } from '../elf/vocabulary.js';
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
  (section.flags & SHF.ALLOC) !== 0 && !isHypCode(section) && givesAddress(section);

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
    .filter(({ isGlobal }) => isGlobal)
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
        map ??= codeMapOf(object, section);
        if (map.isCode(offset)) continue;
        loads ??= literalLoads(map);
        if (!loads.has(offset)) {
          yield [start + offset, space.targetOf(object, table.symbol(index), table.addend(index))];
        }
      }
    }
  }
}
