// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Addresses that code loads from memory: from tables of functions, strings or
// labels, and from single pointers. The linker puts the value of an ABS64 slot
// there, which is a kernel address unless hyp has relocations of its own. What
// counts is what hyp code does with it. One load is one reference, whichever slot
// of a table it reads.

import { addressRegister, decodeOperation } from '../aarch64/instructions.js';
import { type Register, ZERO } from '../aarch64/operations.js';
import { relocationName } from '../aarch64/relocation-types.js';
import type { CodeMap } from '../code/code-map.js';
import { coverAt, coversOf } from '../code/functions.js';
import { loadsThrough } from '../code/loads.js';
import { relocationsOf } from '../code/relocations.js';
import { holdsConstants } from '../code/sections.js';
import { isAddressUse, type Use, usesOf } from '../code/value-flow.js';
import type { Relocation } from '../elf/relocations.js';
import { SHT } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Place, PlacedTarget } from '../link/place.js';
import { withPassedUses } from './passed-uses.js';
import type { AddressSource, Reference } from './reference.js';

/** After the instruction at `at`, the register holds the address of a place, or what was loaded from there. */
export interface Pointer {
  readonly at: number;
  readonly register: Register;
  readonly place: Place;
}

export interface LoadedAddress {
  /** The load. */
  readonly at: number;
  readonly target: PlacedTarget;
  readonly uses: readonly Use[];
  readonly source: AddressSource;
}

/** Loads of addresses that are used as such, by offset. `loads`: loads whose own instruction names the place. */
export const loadedAddresses = (
  image: Image,
  code: CodeMap,
  pointers: readonly Pointer[],
  loads: readonly Pointer[],
  isOtherUse: (offset: number) => boolean,
): readonly LoadedAddress[] => {
  const mentioned = mentionedPlaces(pointers, loads);
  const found = new Map<string, LoadedAddress>();
  const seen = new Set<string>();
  const pending: Pointer[] = [...pointers];

  /** `slots`: those that the load may read. */
  const add = (at: number, register: Register, slots: readonly Slot[]): void => {
    const [first] = slots;
    if (!first) return;
    const uses = withPassedUses(image, code, usesOf(code, at, register, isOtherUse), isOtherUse);
    for (const { target } of slots)
      if (target.kind === 'place') pending.push({ at, register, place: target.place });
    // CSEL may choose between two variables.
    const key = `${at} ${register} ${first.at.section.index} ${first.at.offset}`;
    if (found.has(key) || !uses.some(isAddressUse)) return;
    found.set(key, { at, target: first.target, uses, source: { slot: first.at, count: slots.length } });
  };
  for (const { at, register, place } of loads) add(at, register, slotsIn(image, place, place.offset + 1));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { at, register, place } = next;
    const key = `${at} ${register} ${place.section.index} ${place.offset}`;
    if (seen.has(key) || !holdsAddresses(place)) continue;
    seen.add(key);
    for (const { offset, register: to, distance, inexact } of loadsThrough(code, at, register, isOtherUse)) {
      const from = { ...place, offset: place.offset + distance };
      const { start, end } = inexact
        ? variableAt(from, mentioned)
        : { start: from.offset, end: from.offset + 1 };
      add(offset, to, slotsIn(image, { ...from, offset: start }, end));
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
};

/** `owner`: what it is blamed on. No relocation belongs to it: those of the slots are counted with their section. */
export const loadedReference = (
  at: Place,
  owner: Place,
  { target, uses, source }: LoadedAddress,
): Reference => ({
  at,
  owner,
  access: 'absolute',
  target,
  uses: () => uses,
  throughGot: false,
  isPrefetch: false,
  source,
  isData: false,
  veneer: null,
  relocations: [],
});

/** ADRs of data among the code, for which the assembler needs no relocation. */
export const pointersToOwnData = (code: CodeMap): readonly Pointer[] => {
  const { object, section } = code;
  const found: Pointer[] = [];
  for (let at = 0; at < code.size; at += 4) {
    const register = addressRegister(code.word(at));
    if (register === null || register === ZERO || !code.isCode(at)) continue;
    const operation = decodeOperation(code.word(at));
    if (operation?.kind !== 'address' || operation.page) continue;
    const offset = at + operation.displacement;
    if (offset >= 0 && offset < code.size && !code.isCode(offset))
      found.push({ at, register, place: { object, section, offset } });
  }
  return found;
};

interface Slot {
  readonly at: Place;
  readonly target: PlacedTarget;
}

/** Whether slots of a place's section may hold addresses that code loads from there. */
export const holdsAddresses = ({ object, section }: Place): boolean =>
  section.type !== SHT.NOBITS && holdsConstants(section) && object.relocationSections(section).length > 0;

const isSlot = ({ type }: Relocation): boolean => relocationName(type) === 'ABS64';

/** The slots from a place to `end` (exclusive). */
const slotsIn = (image: Image, place: Place, end: number): readonly Slot[] => {
  if (!holdsAddresses(place)) return [];
  const { object, section, offset } = place;
  return [...relocationsOf(object, section).within(offset, end)].filter(isSlot).map((slot) => ({
    at: { object, section, offset: slot.offset },
    target: image.resolve(object, slot.symbol, slot.addend),
  }));
};

/** The variable around a place; without a symbol, up to the next place that has one or is referred to. */
const variableAt = (
  place: Place,
  mentioned: readonly Place[],
): { readonly start: number; readonly end: number } => {
  const cover = coverAt(place);
  if (cover?.sized) return { start: cover.start, end: cover.end };
  const { object, section, offset } = place;
  const borders = [
    ...coversOf(object, section).map(({ start }) => start),
    ...mentioned.filter((one) => one.section === section).map((one) => one.offset),
  ].filter((border) => border > offset);
  return { start: offset, end: Math.min(section.size, ...borders) };
};

const mentionedPlaces = (...lists: readonly (readonly Pointer[])[]): readonly Place[] =>
  lists.flat().map(({ place }) => place);
