// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The inputs: folders that look like a kernel's build directory, in which both programs
// run as modpost does under Kbuild. Everything but vmlinux.o is a link into a real
// build directory; what modpost writes (.vmlinux.export.c) stays in the folder.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { writeLargeObject } from './large-object.js';
import { plantCalls } from './plant-calls.js';

export const here = process.env.HYPCHECK_BENCH ?? import.meta.dirname;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hypcheck');

/** The exit status of build-kernel if packages are missing (automake's "skipped"). */
const SKIPPED = 77;

export interface KernelInput {
  /** The directory to run in, which contains vmlinux.o. */
  readonly directory: string;
  readonly title: string;
  /** Arguments of this kernel's modpost before `-o`. */
  readonly modpostOptions: readonly string[];
}

/** The build directory of the small kernel, built if necessary; null if packages are missing. */
const smallBuild = (version: string): string | null => {
  const built = spawnSync(join(here, '../kernel/build-kernel'), [version, 'gcc-jumplabel', 'vmlinux'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (built.status === SKIPPED) return null;
  if (built.status !== 0) throw new Error(`the kernel ${version} was not built`);
  return built.stdout.trim();
};

/** -M is newer than 6.1, and modpost refuses unknown options. */
const modpostOptions = (build: string): readonly string[] => {
  const source = readFileSync(join(build, 'source/scripts/mod/modpost.c'), 'utf8');
  return /case 'M':/.test(source) ? ['-M'] : [];
};

/** A folder with links to all entries of a build directory but vmlinux.o, which `make` creates. */
const shadow = (build: string, name: string, make: (vmlinux: string) => void): string => {
  const directory = join(cache, 'bench', name);
  mkdirSync(directory, { recursive: true });
  for (const entry of readdirSync(build)) {
    if (entry === 'vmlinux.o' || entry === '.vmlinux.export.c') continue;
    rmSync(join(directory, entry), { force: true });
    symlinkSync(join(build, entry), join(directory, entry));
  }
  const vmlinux = join(directory, 'vmlinux.o');
  if (!existsSync(vmlinux)) {
    // It gets its name only when it is complete.
    make(`${vmlinux}.new`);
    renameSync(`${vmlinux}.new`, vmlinux);
  }
  return directory;
};

export const smallKernel = (): KernelInput | null => {
  const build = smallBuild('6.1');
  if (build === null) return null;
  const directory = shadow(build, `small-${basename(build)}`, (to) =>
    symlinkSync(join(build, 'vmlinux.o'), to),
  );
  return { directory, title: 'the small 6.1 kernel', modpostOptions: modpostOptions(build) };
};

/** What is checked after `make arch/arm64/kvm/` in 6.12: only the linked nVHE code. */
export const nvheLink = (): KernelInput | null => {
  const build = smallBuild('6.12');
  if (build === null) return null;
  const directory = join(build, 'arch/arm64/kvm/hyp/nvhe');
  return { directory, title: 'the small 6.12 kernel', modpostOptions: [] };
};

/** BENCH_OLD_BUILD: a kernel up to 5.8, whose control flow is followed. There is no package of one. */
export const oldKernel = (): KernelInput | null => {
  const build = process.env.BENCH_OLD_BUILD;
  return build === undefined ? null : { directory: resolve(build), title: build, modpostOptions: [] };
};

export interface LargeInputs {
  readonly clean: KernelInput;
  /** The same object with planted calls from hyp code to host functions. */
  readonly planted: KernelInput;
}

/** BENCH_BUILD, or an object of that size made from a small kernel. */
export const largeKernel = (plantedCalls: number): LargeInputs | null => {
  const real = process.env.BENCH_BUILD || undefined;
  const build = real === undefined ? (smallBuild('6.12') ?? smallBuild('6.1')) : resolve(real);
  if (build === null) return null;
  const original = join(build, 'vmlinux.o');
  const { size, mtimeMs } = statSync(original);
  const makers = ['large-object.ts', 'plant-calls.ts'].map((file) => readFileSync(join(here, file), 'utf8'));
  const key = createHash('sha256')
    .update([original, size, mtimeMs, plantedCalls, ...makers].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const source = real === undefined ? `made of ${basename(build)}` : build;
  const input = (kind: string, make: (to: string) => void): KernelInput => ({
    directory: shadow(build, `large-${key}/${kind}`, make),
    title: source,
    modpostOptions: modpostOptions(build),
  });
  const clean = input('clean', (to) => {
    if (real !== undefined) symlinkSync(original, to);
    else writeLargeObject(original, to);
  });
  const planted = input('planted', (to) => plantCalls(join(clean.directory, 'vmlinux.o'), to, plantedCalls));
  return { clean, planted };
};

/** Assembles growth.S with this many functions; returns the object's path, or null without an assembler. */
export const growthObject = (functions: number): string | null => {
  const source = join(here, 'growth.S');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const directory = join(cache, 'bench', `growth-${key}`);
  const object = join(directory, `${functions}.o`);
  if (existsSync(object)) return object;
  mkdirSync(directory, { recursive: true });
  const assembler = 'aarch64-linux-gnu-as';
  if (spawnSync(assembler, ['--version']).status !== 0) return null;
  execFileSync(assembler, ['--defsym', `COPIES=${functions}`, '-o', `${object}.new`, source]);
  renameSync(`${object}.new`, object);
  return object;
};
