// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Machines that a program is run on: which capabilities and keys each has. Each
// capability but VHE is chosen independently.

import { randomFrom, subseed } from './random.js';

export const VHE = 11;
/** As many as driver.c has. */
export const CAPABILITY_COUNT = 96;

export interface World {
  readonly seed: number;
  readonly has: (capability: number) => boolean;
  /** plain_key and set_key. */
  readonly plain: boolean;
  readonly set: boolean;
}

const worldOf = (seed: number, probability: number, hasVhe: boolean): World => {
  const random = randomFrom(seed);
  const there = Array.from({ length: CAPABILITY_COUNT }, () => random.chance(probability));
  return {
    seed,
    has: (capability) => (capability === VHE ? hasVhe : (there[capability] ?? false)),
    plain: random.chance(probability),
    set: random.chance(probability),
  };
};

/** All capabilities but VHE, none, then half of them at random. */
export const worldsOf = (seed: number, count: number, hasVhe = false): readonly World[] =>
  Array.from({ length: count }, (_, i) => worldOf(subseed(seed, i), i === 0 ? 1 : i === 1 ? 0 : 0.5, hasVhe));
