// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Limits in processor time: a machine ten times slower, or one whose processors
// share their units with other work, takes ten times as much of it for the same.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** What `work` takes, in milliseconds of processor time, on the machine that the limits were chosen on. */
const USUAL = 14;
/** The same for a process with yardstick.cjs. There, `node -e 0` takes 23 ms. */
const USUAL_OF_YARDSTICK = 240;
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
  return (processorTime() - begun) / USUAL;
};

/** How much slower this machine is than the one that limits were chosen on; not less than 1. A glance, at the start. */
export const pace = Math.max(1, measure());

/** The same as it is now, from a process of its own that works a third of a second: for what takes long itself. */
export const paceNow = (): number => {
  // As program.ts runs the program.
  const plain = ['-u', 'NODE_OPTIONS', '-u', 'NODE_EXTRA_CA_CERTS', process.execPath];
  const yardstick = join(import.meta.dirname, 'yardstick.cjs');
  const { stdout } = spawnSync('env', [...plain, yardstick], { encoding: 'utf8' });
  const taken = Number.parseFloat(stdout);
  if (!(taken > 0)) throw new Error(`yardstick.cjs printed '${stdout}'`);
  return Math.max(1, taken / USUAL_OF_YARDSTICK);
};

/**
 * Whether a time is within a limit, both in milliseconds of processor time. What else is there may have begun since the
 * process did: before a limit counts as broken, the pace is taken again.
 */
export const isWithin = (taken: number, limit: number): boolean =>
  taken < limit * pace || taken < limit * paceNow();
