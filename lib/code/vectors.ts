// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of exception vectors: sixteen slots of code that the processor enters;
// nothing else is seen to enter them.

import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Address, AddressSpace } from './address-space.js';
import type { Cover } from './covers.js';
import { coversAt, coversOf } from './functions.js';
import { isHypCode } from './sections.js';

/** Tables of exception vectors, by name: 16 slots, or several sets of them. */
const VECTORS = /^(__kvm_hyp_vector|__kvm_hyp_init|__hyp_stub_vectors|__bp_harden_hyp_vecs(_start)?)$/;
/** Bytes of a slot. */
export const SLOT = 0x80;
const SLOTS = 16;
/** Of VBAR_EL2. */
const ALIGNMENT = 2048;

/**
 * The slots of the vector table at an address; none if there is no such table. VBAR_EL2 is aligned to 2 KiB, so an
 * untyped label with that alignment counts as a table too. `isTableForSure`: it was written to VBAR_EL2.
 */
export function* vectorSlots(
  space: AddressSpace,
  address: Address,
  isTableForSure = false,
): Generator<Address> {
  const place = space.placeOf(address);
  if (!place || !isHypCode(place.section) || place.offset % SLOT !== 0) return;
  const { isTable, isSet } = tableAt(place);
  if (!isTable && !isTableForSure) return;
  const { object, section, offset } = place;
  const end = isSet ? endOfSets(object, section) : 0;
  const slots = end > offset ? Math.floor((end - offset) / SLOT) : SLOTS;
  for (let slot = 0; slot < slots && offset + slot * SLOT < section.size; slot++) yield address + slot * SLOT;
}

/** What the symbols at a place say. */
interface Labelled {
  readonly isTable: boolean;
  /** Of several sets of slots. */
  readonly isSet: boolean;
}

/** Thousands of symbols may stand at a place, and thousands of instructions form its address. */
const labelled = new WeakMap<Section, Map<number, Labelled>>();

const tableAt = (place: Place): Labelled => {
  const { section, offset } = place;
  const known = labelled.get(section) ?? new Map<number, Labelled>();
  labelled.set(section, known);
  const found = known.get(offset) ?? readLabels(place);
  known.set(offset, found);
  return found;
};

const readLabels = (place: Place): Labelled => {
  const here = coversAt(place);
  const names = here.map(({ name }) => sourceName(name));
  const isAligned = here.length > 0 && place.offset % ALIGNMENT === 0;
  return {
    isTable: names.some((name) => VECTORS.test(name)) || (isAligned && here.every(({ sized }) => !sized)),
    isSet: names.some((name) => name.startsWith('__bp_harden_hyp_vecs')),
  };
};

const ends = new WeakMap<Section, number>();

/** Where the sets of slots in a section end; 0: no symbol says it. */
const endOfSets = (object: ObjectFile, section: Section): number => {
  const isEnd = ({ name }: Cover): boolean => sourceName(name) === '__bp_harden_hyp_vecs_end';
  const end = ends.get(section) ?? coversOf(object, section).find(isEnd)?.start ?? 0;
  ends.set(section, end);
  return end;
};
