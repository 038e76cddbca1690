// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compares what EL2 maps according to a kernel's own files and to the built-in tables.
// Run by compare-maps.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BuildTree } from '../../lib/cli/build-tree.js';
import { Files } from '../../lib/cli/files.js';
import { KernelSources } from '../../lib/cli/kernel-sources.js';
import { type Family, familyOfName } from '../../lib/code/sections.js';
import { type Generation, generations } from '../../lib/policy/generations.js';
import { HypMap, noFacts } from '../../lib/policy/hyp-map.js';
import { mappedProtected } from '../../lib/policy/protected-modes.js';

const NVHE = 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';
const places = ['vmlinux.o', NVHE, 'arch/arm64/kvm/built-in.a', 'arch/arm64/kernel/built-in.a'];

/** Allocated sections by name, with the family of those that no row knows. */
const sectionsOf = (directory: string): ReadonlyMap<string, Family> => {
  const objects = places.map((place) => join(directory, place)).filter((path) => existsSync(path));
  const headers = execFileSync('readelf', ['-SW', ...objects], { encoding: 'utf8', maxBuffer: 1 << 30 });
  const row = /^ +\[ *\d+\] (\S+) +(\S+) +[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ \S+ +([A-Za-z]*) /gm;
  return new Map(
    [...headers.matchAll(row)].flatMap(([, name = '', type, flags = '']) => {
      if (!flags.includes('A')) return [];
      const byFlags = type === 'NOBITS' ? 'bss' : flags.includes('X') ? 'kernel-text' : 'data';
      return [[name, familyOfName(name) ?? byFlags] as const];
    }),
  );
};

const generationOf = (names: readonly string[], directory: string): Generation =>
  names.some((name) => name === '.hyp.rodata' || name === '.hyp.data..ro_after_init')
    ? generations.nvhe
    : existsSync(join(directory, NVHE))
      ? generations.nvheEarly
      : generations.hypText;

for (const word of process.argv.slice(2)) {
  const [directory = '', source] = word.split('=');
  const files = new Files(process.cwd());
  const build = new BuildTree(files, directory, source ?? null);
  const sections = sectionsOf(directory);
  const generation = generationOf([...sections.keys()], directory);
  for (const isProtected of generation.hasOwnLink ? [false, true] : [false]) {
    const read = new KernelSources(files, build, null, isProtected);
    const known = isProtected ? mappedProtected(build.release() ?? '') : null;
    const map = new HypMap(generation, read);
    const table = new HypMap(generation, { ...noFacts, mapped: () => known });
    const differences = new Map<string, string[]>();
    for (const [name, family] of sections) {
      const [byKernel, byTable] = [map.ofSection(name, family), table.ofSection(name, family)];
      if (byKernel === byTable) continue;
      const key = `${byKernel} by the kernel, ${byTable} by the table`;
      differences.set(key, [...(differences.get(key) ?? []), name]);
    }
    const mode = isProtected ? 'protected' : 'normal';
    console.log(`${directory} (${mode}): ${sections.size} sections; ${read.origins().join('; ')}`);
    for (const [key, names] of differences) console.log(`  ${key}: ${names.join(' ')}`);
  }
  files.close();
}
