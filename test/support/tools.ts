// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The tools that expected values come from. A test that needs one which is not
// installed is skipped, and says which.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const known = new Map<string, boolean>();

const isInstalled = (name: string): boolean => {
  const answer = known.get(name) ?? spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  known.set(name, answer);
  return answer;
};

/** For a test's `skip` option: false where all are installed, else a sentence. */
export const without = (...names: readonly string[]): string | false => {
  const missing = names.filter((name) => !isInstalled(name));
  return missing.length > 0 && `SKIPPED: ${missing.join(' and ')} not installed`;
};

/** Runs something with a folder of its own, which is removed afterwards. */
export const inFolder = <T>(work: (folder: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-test-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  try {
    const result = work(folder);
    if (result instanceof Promise) {
      void result.then(clean, clean);
      return result;
    }
    clean();
    return result;
  } catch (error) {
    clean();
    throw error;
  }
};

/** A tool's standard output. */
export const run = (program: string, args: readonly string[], directory?: string): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(directory === undefined ? {} : { cwd: directory }),
  });

/** What a tool such as readelf prints for a file that is only in memory. */
export const runOn = (program: string, args: readonly string[], bytes: Uint8Array): string =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'input.o'), bytes);
    return run(program, [...args, 'input.o'], folder);
  });

/** Assembles A64 and returns the object. */
export const assemble = (text: string, args: readonly string[] = []): Buffer =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'input.s'), text);
    run('aarch64-linux-gnu-as', [...args, '-o', 'output.o', 'input.s'], folder);
    return readFileSync(join(folder, 'output.o'));
  });

/** Compiles C and returns the object. */
export const compile = (text: string, args: readonly string[]): Buffer =>
  compileBy('aarch64-linux-gnu-gcc', text, args);

export const compileBy = (compiler: string, text: string, args: readonly string[]): Buffer =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'input.c'), text);
    run(compiler, [...args, '-c', '-o', 'output.o', 'input.c'], folder);
    return readFileSync(join(folder, 'output.o'));
  });
