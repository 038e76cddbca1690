// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs a unit on some machines: driver.c under the emulator, with the words that
// each machine's kernel would have patched as its input.

import { readFile } from 'node:fs/promises';
import { readExecutable } from './executable.js';
import type { Options } from './options.js';
import { isInAlternative, patchesFor } from './patches.js';
import { execute } from './subprocess.js';
import type { Unit } from './unit.js';
import type { World } from './worlds.js';

/** A call of a host function from a known place. */
export interface Call {
  readonly sink: string;
  /** Of the `bl`, in .hyp.text. */
  readonly offset: number;
}

export interface Execution {
  /** Host functions that were called, and host data that was used. */
  readonly reached: ReadonlySet<string>;
  /** Calls by a `bl` that no alternative wrote. */
  readonly calls: readonly Call[];
}

/** driver.c's input. */
const encode = (
  worlds: readonly (readonly [World, ReadonlyMap<number, number>])[],
  runs: number,
): Uint8Array => {
  const words = [
    worlds.length,
    runs,
    ...worlds.flatMap(([{ seed }, patches]) => [seed + 1, patches.size, ...[...patches].flat()]),
  ];
  return new Uint8Array(BigUint64Array.from(words, (word) => BigInt(word)).buffer);
};

/** Runs every program of the unit `runs` times in each world. */
export const executeUnit = async (
  unit: Unit,
  options: Options,
  worlds: readonly World[],
  runs: number,
): Promise<Execution> => {
  const executable = readExecutable(await readFile(unit.executable));
  const patched = worlds.map((world) => [world, patchesFor(executable, options, world)] as const);
  const { stdout } = await execute(['qemu-aarch64', unit.executable], encode(patched, runs));
  const lines = stdout.split('\n').map((line) => line.split(' '));
  if (!lines.some(([kind]) => kind === 'E')) throw new Error(`${unit.executable}: the driver did not finish`);
  const isPatched = isInAlternative(executable);
  const start = executable.symbols.get('hyp_text_start') ?? 0;
  const reached = new Set<string>();
  const calls: Call[] = [];
  for (const [kind, first, second] of lines) {
    const [x, y] = [Number(first), Number(second)];
    if (kind === 'S') reached.add(unit.sinks[x] ?? '');
    if (kind === 'D') reached.add(unit.data[x] ?? '');
    if (kind === 'C' && !isPatched(start + x)) calls.push({ sink: unit.sinks[y] ?? '', offset: x });
  }
  return { reached, calls };
};
