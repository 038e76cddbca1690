// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a reference is made: the instructions of which one has to be executed, and
// what has to be used for it.

import { relocationTypes } from '../aarch64/relocation-types.js';
import type { AddressSpace } from '../code/address-space.js';
import { holdsCode } from '../code/sections.js';
import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import type { Address } from './values.js';
import type { Walk } from './walk.js';

/** A reference is made if any of its points is executed. */
interface Point {
  readonly place: Place;
  /** Where the address is formed that must be used as well; empty if executing the instruction is enough. */
  readonly formedAt: readonly Place[];
}

export interface PlacedPoint {
  readonly place: Place;
  readonly address: Address;
  readonly formedAt: readonly Address[];
}

export const placedPoints = (space: AddressSpace, judgement: Judgement): readonly PlacedPoint[] =>
  pointsOf(judgement).map(({ place, formedAt }) => ({
    place,
    address: space.addressOf(place),
    formedAt: formedAt.map((one) => space.addressOf(one)),
  }));

export const happens = ({ executed, used }: Walk, { address, formedAt }: PlacedPoint): boolean =>
  executed.has(address) && (formedAt.length === 0 || formedAt.some((at) => used.has(at)));

const pointsOf = ({ reference, verdict }: Judgement): readonly Point[] => {
  const { at, owner, access } = reference;
  const completing = reference.relocations
    .filter(({ type }) => {
      const kind = relocationTypes.get(type)?.kind;
      return kind !== 'page' && kind !== 'got-page';
    })
    .map(({ offset }) => ({ ...at, offset }));
  const isOwned = owner.section === at.section;
  if (verdict.kind === 'broken' && verdict.uses.length > 0) {
    // All machines may reach the instruction, but only VHE with this address.
    const formedAt = access === 'absolute' ? (isOwned ? [owner, at, ...completing] : []) : completing;
    return verdict.uses.map(({ offset }) => ({ place: { ...at, offset }, formedAt }));
  }
  if (reference.isData || !holdsCode(at.section)) return [];
  // A literal is read by the instruction that the reference is blamed on.
  if (access === 'absolute') return isOwned ? [{ place: owner, formedAt: [] }] : [];
  const needsUse = access === 'address' && !reference.isPrefetch;
  return completing.map((place) => ({ place, formedAt: needsUse ? [place] : [] }));
};
