// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way to a place: the calls that lead there, each at its instruction, and
// where VHE machines and others part. It comes from the witness of the walk or, if
// nothing is walked, from the graph of calls.

import type { AddressSpace } from '../code/address-space.js';
import type { Place } from '../link/place.js';
import type { Gate } from './gates.js';
import type { Call } from './procedure.js';

/** A place that decides, and how. */
export interface PlacedGate extends Pick<Gate, 'kind' | 'key'> {
  readonly place: Place;
}

/** From one function to the next. */
export interface Step {
  /** `address`: the instruction does not call; it forms the address of the next function, for somebody who calls it. */
  readonly kind: 'call' | 'address';
  readonly at: Place;
  /** The function around that, by its first instruction. */
  readonly caller: Place;
}

export interface Way {
  /** The call of the function itself first, the one that an entry makes last; none if the function is an entry. */
  readonly steps: readonly Step[];
  /** Where VHE machines and others part on the way through the function, or null. */
  readonly branch: PlacedGate | null;
}

export const noWay: Way = { steps: [], branch: null };

export const placedStep = (space: AddressSpace, { at, caller }: Call): readonly Step[] => {
  const place = space.placeOf(at);
  const start = space.placeOf(caller.entry);
  return place && start ? [{ kind: 'call', at: place, caller: start }] : [];
};

export const placedGate = (space: AddressSpace, { kind, key, at }: Gate): PlacedGate | null => {
  const place = space.placeOf(at);
  return place ? { kind, key, place } : null;
};
