// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs programs in turn (A B C A B C), so that other load on the machine affects all of
// them alike, and returns the median time of each.
//
// Times come from bash's `time`, which measures only the child, in milliseconds. Peak
// memory comes from GNU time (Debian package `time`), in separate runs; without it,
// memory is not measured, and the report says so.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const GNU_TIME = '/usr/bin/time';

/** Number of runs that measure memory; the largest result counts. */
const MEMORY_RUNS = 3;

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** Variables that are not as in the environment of the bench. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is wrong with its output (both streams), or null; called if its status was 0. */
  readonly complaint: (text: string) => string | null;
}

export interface Measured {
  readonly name: string;
  /** Milliseconds, one per round; `cpu` is user plus system time. */
  readonly walls: readonly number[];
  readonly cpus: readonly number[];
  /** Megabytes (10^6 bytes); null without GNU time. */
  readonly peak: number | null;
}

export class ProgramFailure extends Error {}

/** One result per program, in their order. Throws ProgramFailure if one fails or its output is wrong. */
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

/** The quantile of some values for a share, interpolated linearly. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The ratio of two programs' times in each round. */
export const ratios = (own: readonly number[], other: readonly number[]): readonly number[] =>
  own.map((value, round) => value / (other[round] ?? Number.NaN));

/** The program's output goes to descriptor 1, bash's times to 3. */
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

/** The phases of one run, from its --stats. */
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

/** Runs a program in a shell script; returns what that wrote to descriptor 3. */
const run = (program: Program, script: string): string => {
  const words = ['-c', script, 'bash', program.command, ...program.args];
  const { status, signal, output, error } = spawnSync('bash', words, {
    cwd: program.directory,
    env: { ...process.env, ...program.environment },
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
