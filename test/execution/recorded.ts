// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Objects and what they executed, in the folder `recorded`: for machines without a
// compiler or an emulator.
//
//   HYPCHECK_RECORD=1 npx tap run test/execution/execution.test.ts
//
// makes them again.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Execution } from './execution.js';
import { allOptions } from './options.js';
import { execute } from './subprocess.js';
import { prepare, type Shape } from './trial.js';

const FOLDER = join(import.meta.dirname, 'recorded');
const RUN = { worlds: 8, runs: 100 };
/** Some of the options; with all of them the folder would be too large. */
const EVERY = 3;
const PROGRAMS = 7;
/**
 * Seeds of programs that were judged wrong before hypcheck joined the state of a static key's or an alternative's
 * branch with that of falling through.
 */
const once: ReadonlyMap<number, readonly number[]> = new Map([
  [15, [8]],
  [26, [9]],
  [33, [3]],
  [34, [14]],
  [40, [23]],
  [41, [10]],
  [61, [10]],
  [65, [22]],
]);

export interface Recording {
  readonly name: string;
  readonly whole: string;
  readonly execution: Execution;
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (x: unknown): x is Json => typeof x === 'object' && x !== null;
const isCall = (x: unknown): x is Execution['calls'][number] =>
  isRecord(x) && typeof x.sink === 'string' && typeof x.offset === 'number';

const executionOf = (text: string): Execution => {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed) || !Array.isArray(parsed.reached) || !Array.isArray(parsed.calls))
    throw new Error('not a recording');
  return { reached: new Set(parsed.reached.map(String)), calls: parsed.calls.filter(isCall) };
};

export const readRecordings = async (): Promise<readonly Recording[]> => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (file) => {
      const name = file.replace(/\.json$/, '');
      return {
        name,
        whole: join(FOLDER, `${name}.o`),
        execution: executionOf(await readFile(join(FOLDER, file), 'utf8')),
      };
    }),
  );
};

export const record = async (work: string, firstSeed: number): Promise<void> => {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER);
  const shapes: readonly (readonly [seed: number, shape: Shape])[] = [
    ...[...allOptions.keys()]
      .filter((i) => i % EVERY === 0)
      .map((i) => [firstSeed + i, { ...RUN, programs: PROGRAMS }] as const),
    ...[...once].map(([seed, programs]) => [seed, { ...RUN, programs }] as const),
  ];
  for (const [i, [seed, shape]] of shapes.entries()) {
    const { unit, options, execution } = await prepare(work, seed, shape);
    const number = String(i).padStart(2, '0');
    const path = join(FOLDER, `${number}-${options.name.replaceAll(/[^\w.+-]+/g, '_')}`);
    await execute(['aarch64-linux-gnu-strip', '--strip-debug', unit.whole]);
    await copyFile(unit.whole, `${path}.o`);
    const { reached, calls } = execution;
    const text = JSON.stringify({ seed, options: options.name, reached: [...reached].sort(), calls });
    await writeFile(`${path}.json`, `${text}\n`);
  }
};
