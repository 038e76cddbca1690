// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Limits in processor time: a machine ten times slower, or one whose processors
// share their units with other work, takes ten times as much of it for the same.

import { createHash } from 'node:crypto';

/** What this takes, in milliseconds of processor time, on the machine that the limits were chosen on. */
const USUAL = 14;
const BYTES = new Uint8Array(1 << 20);

const work = (): void => {
  for (let round = 0; round < 12; round++) createHash('sha1').update(BYTES).digest();
  const counts = new Map<string, number>();
  for (let index = 0; index < 40_000; index++) {
    const key = `word ${index % 997}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
};

/** Milliseconds of processor time since the process began. */
export const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const measure = (): number => {
  const begun = processorTime();
  work();
  return Math.max(1, (processorTime() - begun) / USUAL);
};

/** How much slower this machine is than the one that limits were chosen on; not less than 1. */
export const pace = measure();

/**
 * Whether a time is within a limit, both in milliseconds of processor time. What else is there may have begun since the
 * process did: before a limit counts as broken, the pace is taken again.
 */
export const isWithin = (taken: number, limit: number): boolean =>
  taken < limit * pace || taken < limit * measure();
