// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Random numbers that a seed repeats, on every machine.

export interface Random {
  /** 0 to count - 1. */
  below(count: number): number;
  pick<T>(values: readonly T[]): T | undefined;
}

/** Mulberry32. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  const below = (count: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
  return { below, pick: (values) => values[below(values.length)] };
};
