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

const begun = processorTime();
work();

/** How much slower this machine is than the one that limits were chosen on; not less than 1. */
export const pace = Math.max(1, (processorTime() - begun) / USUAL);
