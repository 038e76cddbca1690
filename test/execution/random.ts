// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Random choices from a seed: the same seed, the same choices, on any machine
// and any version of node.

export interface Random {
  /** An integer in [0, limit). */
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** One of the choices, each as likely as its weight says. */
  readonly weighted: <T>(choices: readonly (readonly [weight: number, item: T])[]) => T;
}

/** The finaliser of MurmurHash3: similar seeds give different states. */
const mix = (x: number): number => {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** A seed for part `n` of what `seed` makes. */
export const subseed = (seed: number, n: number): number => mix(mix(seed + 1) ^ mix(n + 0x9e3779b9));

export const randomFrom = (seed: number): Random => {
  let state = mix(seed ^ 0x5bd1e995);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state);
  };
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    below,
    pick,
    chance: (probability) => next() / 2 ** 32 < probability,
    weighted: (choices) => {
      let left = (next() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of choices) {
        left -= weight;
        if (left < 0) return item;
      }
      return pick(choices)[1];
    },
  };
};
