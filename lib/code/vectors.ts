// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of exception vectors: sixteen slots of code that the processor enters;
// nothing else is seen to enter them.

import { sourceName } from '../link/symbol-names.js';
import type { Address, AddressSpace } from './address-space.js';
import { coversAt, coversOf } from './functions.js';
import { isHypCode } from './sections.js';

/** Tables of exception vectors, by name: 16 slots, or several sets of them. */
const VECTORS = /^(__kvm_hyp_vector|__kvm_hyp_init|__hyp_stub_vectors|__bp_harden_hyp_vecs(_start)?)$/;
/** Bytes of a slot. */
export const SLOT = 0x80;
const SLOTS = 16;

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
  const { object, section, offset } = place;
  const here = coversAt(place);
  const isNamed = here.some(({ name }) => VECTORS.test(sourceName(name)));
  const isTable =
    isTableForSure ||
    isNamed ||
    (here.length > 0 && offset % 2048 === 0 && here.every(({ sized }) => !sized));
  if (!isTable) return;
  const isSet = here.some(({ name }) => sourceName(name).startsWith('__bp_harden_hyp_vecs'));
  const end = isSet
    ? (coversOf(object, section).find(({ name }) => sourceName(name) === '__bp_harden_hyp_vecs_end')?.start ??
      0)
    : 0;
  const slots = end > offset ? Math.floor((end - offset) / SLOT) : SLOTS;
  for (let slot = 0; slot < slots && offset + slot * SLOT < section.size; slot++) yield address + slot * SLOT;
}
