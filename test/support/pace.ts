// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Limits in processor time: a machine ten times slower, or one whose processors
// share their units with other work, takes ten times as much of it for the same.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** What this takes, in milliseconds of processor time, on the machine that the limits were chosen on. */
const USUAL = 14;
/** The same for `node -e 0`. */
const USUAL_START = 23;
const STARTS = 5;
const SLOWEST = 2;
/** Prints what a process has taken so far. */
const TAKEN = '(({ user, system }) => (user + system) / 1000)(process.cpuUsage())';
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
 * The same as it is now, by the median of some starts of node, as program.ts starts it. Not more than SLOWEST: a limit
 * that grows without end would be none.
 */
export const paceNow = (): number => {
  const plain = ['-u', 'NODE_OPTIONS', '-u', 'NODE_EXTRA_CA_CERTS', process.execPath, '-p', TAKEN];
  const starts = Array.from({ length: STARTS }, () => spawnSync('env', plain, { encoding: 'utf8' }).stdout);
  const median = starts.map(Number.parseFloat).sort((a, b) => a - b)[(STARTS - 1) / 2] ?? Number.NaN;
  return Math.min(SLOWEST, Math.max(1, median / USUAL_START));
};

/**
 * Whether a time is within a limit, both in milliseconds of processor time. What else is there may have begun since the
 * process did: before a limit counts as broken, the pace is taken again.
 */
export const isWithin = (taken: number, limit: number): boolean =>
  taken < limit * pace || taken < limit * measure();
