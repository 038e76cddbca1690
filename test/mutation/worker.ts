// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs the mutants of a slice in one process, which reports its progress on descriptor 3.
// A second thread watches processor time and memory, and ends the process if a limit is
// exceeded, because an endless loop would block everything in the first thread.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Nursery } from './mutant.js';
import { Trial } from './trial.js';

export const LONGEST_MS = 2000;
/** In bytes; a process that needs more is ended. */
const MOST_MEMORY = 1 << 30;

export type Message =
  | { readonly at: number }
  | {
      readonly done: number;
      readonly family: string;
      readonly kinds: readonly string[];
      readonly status: number;
      readonly milliseconds: number;
      /** Of the process so far, in bytes. */
      readonly memory: number;
      readonly complaint: string | null;
      readonly isSilenced: boolean;
    }
  | { readonly stopped: string };

/** The second thread. `shared`: processor time at the start of the mutant in microseconds; 0 between mutants. */
const watch = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const begun = new BigInt64Array(workerData.shared);
setInterval(() => {
  const start = Number(Atomics.load(begun, 0));
  const { user, system } = process.cpuUsage();
  const taken = (user + system - start) / 1000;
  const memory = process.memoryUsage.rss();
  const why = start > 0 && taken > workerData.longest ? 'more than ' + Math.round(taken) + ' ms' : memory > workerData.most ? (memory >> 20) + ' MB' : null;
  if (why === null) return;
  writeSync(3, JSON.stringify({ stopped: why }) + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 100);
`;

const tell = (message: Message): void => {
  writeSync(3, `${JSON.stringify(message)}\n`);
};

/** The sources named by the samples' debug information. */
export const sourcesIn = (root: string): ReadonlyMap<string, Uint8Array> =>
  new Map(
    readdirSync(join(root, 'test/samples'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.[chS]$/.test(path))
      .map((path) => {
        const whole = join('test/samples', path);
        return [whole, new Uint8Array(readFileSync(join(root, whole)))] as const;
      }),
  );

/** Runs mutants `from` to `to` - 1 of a seed. */
export const work = async (root: string, seed: number, from: number, to: number): Promise<void> => {
  const shared = new SharedArrayBuffer(8);
  const begun = new BigInt64Array(shared);
  // The watch's limit is generous; a mutant just over the allowed time is reported by its own measurement.
  const workerData = { shared, longest: LONGEST_MS + 1000, most: MOST_MEMORY };
  const guard = new Worker(watch, { eval: true, workerData });
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-mutants-'));
  try {
    const nursery = new Nursery(root);
    const trial = new Trial(folder, sourcesIn(root));
    for (let number = from; number < to; number++) {
      tell({ at: number });
      const mutant = nursery.mutant(seed, number);
      const { user, system } = process.cpuUsage();
      Atomics.store(begun, 0, BigInt(user + system));
      const result = await trial.judge(mutant);
      Atomics.store(begun, 0, 0n);
      const { family, kinds } = mutant;
      tell({ done: number, family, kinds, memory: process.resourceUsage().maxRSS * 1024, ...result });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await guard.terminate();
  }
};

/** Writes the files of one mutant into `folder`, and prints what was done and the command line. */
export const show = async (root: string, seed: number, number: number, folder: string): Promise<void> => {
  const mutant = new Nursery(root).mutant(seed, number);
  cpSync(join(root, 'test/samples'), join(folder, 'test/samples'), { recursive: true });
  const trial = new Trial(folder, new Map());
  trial.plant(mutant);
  const { family, kinds, what, argv, environment } = mutant;
  const judged = mutant.judged?.before.name ?? null;
  process.stdout.write(`${JSON.stringify({ family, kinds, what, environment, judged }, null, 2)}\n`);
  process.stdout.write(`cd ${folder} && hypcheck ${argv.map((word) => `'${word}'`).join(' ')}\n`);
};
