// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Objects with what was executed of them, kept beside this file: where there is
// no compiler or no emulator, hypcheck is still held to these.
//
//   HYPCHECK_RECORD=1 npx tap run test/execution/execution.test.ts
//
// makes them anew.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Execution } from './execution.js';
import { allOptions } from './options.js';
import { execute } from './subprocess.js';
import { prepare, type Shape } from './trial.js';

const FOLDER = join(import.meta.dirname, 'recorded');
const SHAPE: Shape = { programs: 5, worlds: 8, runs: 100 };
/** Of the options; every other one keeps the folder small. */
const EVERY = 2;

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
  for (let i = 0; i < allOptions.length; i += EVERY) {
    const { unit, options, seed, execution } = await prepare(work, firstSeed + i, SHAPE);
    const path = join(FOLDER, options.name.replaceAll(/[^\w.+-]+/g, '_'));
    await execute(['aarch64-linux-gnu-strip', '--strip-debug', unit.whole]);
    await copyFile(unit.whole, `${path}.o`);
    const { reached, calls } = execution;
    const text = JSON.stringify({ seed, options: options.name, reached: [...reached].sort(), calls });
    await writeFile(`${path}.json`, `${text}\n`);
  }
};
