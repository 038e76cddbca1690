// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Plants bugs in a copy of the 6.1 kernel and keeps the objects. build-kernel makes the copy and its build once,
// in a separate cache, so that no other build sees an edit. For each bug, the edited files replace the
// originals, make runs as far as vmlinux.o (target vmlinux_o in 6.1; the final link would refuse some of the
// bugs), and then both trees are restored with their time stamps, so that make finds nothing to do: the sources
// from saved originals, the build from a pristine copy.
//
//   planted-KEY/hypcheck/linux-*, build-*    the tree and its build, as build-kernel lays them out
//   planted-KEY/pristine                     a copy of that build
//   planted-KEY/originals                    originals of the files now edited; if it is left, a run was interrupted
//   planted-KEY/objects/ID                   a build directory with only what a check needs; edited/ in it has
//                                            the edited sources, .key identifies the edits

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { nearMisses } from './near-misses.js';
import type { PlantedBug } from './planted-bug.js';
import { applyEdits, editedFiles } from './planted-bug.js';
import { plantedBugs } from './planted-bugs.js';
import { plantedConstructs } from './planted-constructs.js';
import { describeTruth } from './planted-truth.js';

const kept = [
  'vmlinux.o',
  '.config',
  'include/config/auto.conf',
  'include/config/kernel.release',
  'include/generated/autoconf.h',
  'arch/arm64/include/generated/asm/cpucaps.h',
  'arch/arm64/kernel/vmlinux.lds',
  'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o',
] as const;

const here = process.env.HYPCHECK_TEST_KERNEL ?? import.meta.dirname;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hypcheck');
const lock = join(cache, 'lock');
const cross = 'aarch64-linux-gnu-';

interface Trees {
  readonly root: string;
  readonly source: string;
  readonly build: string;
}

/** If build-kernel fails, exits with its status: 77 means that packages are missing. */
function prepareTrees(): Trees {
  const buildKernel = join(here, 'build-kernel');
  const query = spawnSync('dpkg-query', ['-W', 'linux-source-6.1'], { encoding: 'utf8' });
  const gcc = spawnSync(`${cross}gcc`, ['--version'], { encoding: 'utf8' });
  const key = hash([
    query.stdout?.split('\t')[1]?.trim() ?? '',
    gcc.stdout ?? '',
    readFileSync(buildKernel, 'utf8'),
  ]);
  const root = join(cache, `planted-${key}`);
  mkdirSync(root, { recursive: true });
  const made = spawnSync('flock', [lock, buildKernel, '6.1', 'gcc-jumplabel', 'vmlinux_o'], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (made.status !== 0) process.exit(made.status ?? 1);
  const build = made.stdout.trim();
  return { root, build, source: readlinkSync(join(build, 'source')) };
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

function keyOf(bug: PlantedBug): string {
  return hash([JSON.stringify(bug.edits), JSON.stringify(kept)]);
}

function isKept(bug: PlantedBug, objects: string): boolean {
  const keyFile = join(objects, '.key');
  return existsSync(keyFile) && readFileSync(keyFile, 'utf8') === keyOf(bug);
}

/** The caller must hold the lock. */
function plant(bug: PlantedBug, trees: Trees, objects: string): void {
  const originals = join(trees.root, 'originals');
  const pristine = join(trees.root, 'pristine');
  if (existsSync(originals)) {
    putSourcesBack(originals, trees.source);
    rmSync(trees.build, { recursive: true, force: true });
    copy(pristine, trees.build);
  }
  if (!existsSync(pristine)) {
    rmSync(`${pristine}.part`, { recursive: true, force: true });
    copy(trees.build, `${pristine}.part`);
    renameSync(`${pristine}.part`, pristine);
  }

  const edited = editedFiles(bug).map((file) => ({
    file,
    text: applyEdits(bug, file, readFileSync(join(trees.source, file), 'utf8')),
  }));
  mkdirSync(originals);
  for (const { file, text } of edited) {
    mkdirSync(dirname(join(originals, file)), { recursive: true });
    cpSync(join(trees.source, file), join(originals, file), { preserveTimestamps: true });
    writeFileSync(join(trees.source, file), text);
  }
  const before = Date.now();
  const made = spawnSync(
    'make',
    [
      '-s',
      '-C',
      trees.source,
      'ARCH=arm64',
      `CROSS_COMPILE=${cross}`,
      `O=${trees.build}`,
      '-j2',
      'vmlinux_o',
    ],
    { encoding: 'utf8' },
  );
  if (made.status === 0) {
    rmSync(objects, { recursive: true, force: true });
    for (const file of kept) copy(join(trees.build, file), join(objects, file));
    for (const { file, text } of edited) {
      mkdirSync(dirname(join(objects, 'edited', file)), { recursive: true });
      writeFileSync(join(objects, 'edited', file), text);
    }
    symlinkSync(trees.source, join(objects, 'source'));
    writeFileSync(join(objects, '.key'), keyOf(bug));
  }
  putSourcesBack(originals, trees.source, () => putBuildBack(pristine, trees.build, before));
  if (made.status !== 0) {
    process.stderr.write(`${bug.id}: make failed\n${made.stderr}`);
    process.exitCode = 1;
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync('cp', ['-a', from, to]);
}

/** Deletes the folder of originals last: while it exists, the trees may be modified. */
function putSourcesBack(originals: string, source: string, beforeLast: () => void = () => {}): void {
  for (const file of filesBelow(originals)) {
    copy(file, join(source, relative(originals, file)));
  }
  beforeLast();
  rmSync(originals, { recursive: true });
}

function putBuildBack(pristine: string, build: string, since: number): void {
  for (const file of filesBelow(build)) {
    // Some file systems truncate time stamps to seconds.
    if (statSync(file).mtimeMs < since - 1000) continue;
    const original = join(pristine, relative(build, file));
    if (existsSync(original)) copy(original, file);
    else rmSync(file);
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

function bugNamed(id: string): PlantedBug {
  const bug = [...plantedBugs, ...plantedConstructs, ...nearMisses].find((each) => each.id === id);
  if (bug === undefined) throw new Error(`no planted bug is called ${id}`);
  return bug;
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--locked') {
  const [id = '', root = '', source = '', build = '', objects = ''] = rest;
  plant(bugNamed(id), { root, source, build }, objects);
} else {
  const words = first === undefined ? [] : [first, ...rest];
  const all = [...plantedBugs, ...plantedConstructs, ...nearMisses].map((bug) => bug.id);
  const ids = words.includes('--all') ? all : words.filter((word) => word !== '--truth');
  const trees = prepareTrees();
  const self = process.argv[1] ?? '';
  let failed = false;
  for (const bug of ids.map(bugNamed)) {
    const objects = join(trees.root, 'objects', bug.id);
    if (!isKept(bug, objects)) {
      const started = Date.now();
      const args = ['--locked', bug.id, trees.root, trees.source, trees.build, objects];
      const made = spawnSync('flock', [lock, process.execPath, self, ...args], { stdio: 'inherit' });
      failed ||= made.status !== 0;
      if (made.status !== 0) continue;
      process.stderr.write(`${bug.id}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    }
    process.stdout.write(`${objects}\n`);
    if (words.includes('--truth')) {
      const truth = describeTruth(bug, objects, trees);
      process.stdout.write(truth.text);
      failed ||= !truth.holds;
    }
  }
  process.exitCode = failed ? 1 : 0;
}
