// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs programs in turn (A B C A B C), so that what else the machine does affects
// all of them alike, and gives the median time of each.
//
// The clock is bash's `time`, which asks the kernel about the child alone and
// answers in milliseconds. Peak memory takes GNU time (Debian package `time`) and
// runs of its own; without it memory is not measured, and the report says so.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const GNU_TIME = '/usr/bin/time';

/** Runs for memory, of which the largest counts. */
const MEMORY_RUNS = 3;

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** What is wrong with what it printed (both streams), or null. Its status was 0. */
  readonly complaint: (text: string) => string | null;
}

export interface Measured {
  readonly name: string;
  /** Milliseconds, one a round; user and system time together is `cpu`. */
  readonly walls: readonly number[];
  readonly cpus: readonly number[];
  /** Megabytes of 10^6 bytes; null without GNU time. */
  readonly peak: number | null;
}

export class ProgramFailure extends Error {}

/** One result a program, in their order. Throws ProgramFailure where one fails, or prints what it should not. */
export const measure = (programs: readonly Program[], rounds: number): readonly Measured[] => {
  const times = programs.map((): { wall: number; cpu: number }[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, program] of programs.entries()) {
      const time = timeOf(program);
      // The first round fills the page cache.
      if (round > 0) times[index]?.push(time);
    }
  }
  return programs.map((program, index) => ({
    name: program.name,
    walls: (times[index] ?? []).map(({ wall }) => wall),
    cpus: (times[index] ?? []).map(({ cpu }) => cpu),
    peak: peakOf(program),
  }));
};

/** The value below which a share of some values lies, between two of them in proportion. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What one program took by what another took in the same round. */
export const ratios = (own: readonly number[], other: readonly number[]): readonly number[] =>
  own.map((value, round) => value / (other[round] ?? Number.NaN));

/** The program's streams go to 1, the answer to 3. */
const timed = `TIMEFORMAT='%3R %3U %3S'; { time "$@" 2>&4; } 4>&1 2>&3`;
const weighed = `{ ${GNU_TIME} -q -f %M sh -c 'exec "$@" 2>&4' sh "$@"; } 4>&1 2>&3`;

const timeOf = (program: Program): { wall: number; cpu: number } => {
  const answer = run(program, timed);
  const [wall, user, system] = answer.trim().split(' ').map(Number);
  if (wall === undefined || user === undefined || system === undefined || Number.isNaN(wall)) {
    throw new ProgramFailure(`bash's time answered '${answer}'`);
  }
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
};

/** The phases of one run, as its --stats has them. */
export const phasesOf = ({ command, args, directory }: Program): string => {
  const { stderr } = spawnSync(command, ['--stats', ...args], { cwd: directory, encoding: 'utf8' });
  return stderr.split('\n').find((line) => line.startsWith('hypcheck: start ')) ?? 'no phases';
};

/** Peak resident memory; GNU time counts it in KiB. */
const peakOf = (program: Program): number | null => {
  if (!existsSync(GNU_TIME)) return null;
  const peaks = Array.from({ length: MEMORY_RUNS }, () => Number(run(program, weighed)));
  return (Math.max(...peaks) * 1024) / 1e6;
};

/** Runs a program inside of a script; gives what that wrote to descriptor 3. */
const run = (program: Program, script: string): string => {
  const words = ['-c', script, 'bash', program.command, ...program.args];
  const { status, signal, output, error } = spawnSync('bash', words, {
    cwd: program.directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  });
  const text = `${output?.[1] ?? ''}${output?.[2] ?? ''}`;
  const complaint =
    error?.message ?? (status === 0 ? program.complaint(text) : `status ${status ?? signal ?? 'none'}`);
  if (complaint !== null) {
    const head = text
      .split('\n')
      .filter((line) => line !== '' && line.length < 400)
      .slice(0, 5)
      .join('\n');
    throw new ProgramFailure(`${program.name} failed in ${program.directory}: ${complaint}\n${head}`);
  }
  return output?.[3] ?? '';
};
