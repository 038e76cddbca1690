#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether --references accounts for every relocation that leaves hyp sections:
//
//     npx esbuild test/completeness.ts --bundle --platform=node --format=esm --outfile=completeness.mjs
//     HYPCHECK=dist/hypcheck node completeness.mjs OBJECT [hypcheck options]
//
// It exits with 1 and a list of faults if the relocations do not add up.
//
// The truth is readelf's: each relocation of a .rela.hyp.* section (by sh_info,
// not by name) whose symbol is not defined in a .hyp.* section must belong to
// exactly one reference, or be reported as unjudged. Relocations that stay
// inside hyp need not be listed, but none may be listed twice.

import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Site {
  readonly section: string;
  readonly offset: number;
  /** Without R_AARCH64_. */
  readonly type: string;
}

export interface Account {
  /** Relocations that leave hyp sections, according to readelf. */
  readonly leaving: number;
  /** All relocations that the references hold. */
  readonly listed: number;
  /** One sentence for each fault; empty if everything adds up. */
  readonly faults: readonly string[];
}

/** Sections, symbols and relocations in one run: their lines can be told apart. */
const readelf = (object: string): readonly string[] =>
  execFileSync('readelf', ['-SsrW', object], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');

/** Section names by index, and for each RELA section the index of the section that it applies to. */
const readSections = (lines: readonly string[]) => {
  const names = new Map<number, string>();
  const patches = new Map<number, number>();
  const row =
    /^ +\[ *(\d+)\] (\S*) +([A-Z][A-Z_0-9]*(?: [A-Z]+)*|[0-9a-f]{8}: .*?) +[0-9a-f]{16} [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +[A-Za-z]* +\d+ +(\d+) +\d+$/;
  for (const line of lines) {
    const match = line.startsWith('  [') ? row.exec(line) : null;
    if (!match) continue;
    const [, index, name = '', type, info] = match;
    names.set(Number(index), name);
    if (type === 'RELA' || type === 'REL') patches.set(Number(index), Number(info));
  }
  return { names, patches };
};

/** The section of each symbol of .symtab: a number, or UND, ABS, COM. */
const readSymbolHomes = (lines: readonly string[]): ReadonlyMap<number, string> => {
  const homes = new Map<number, string>();
  for (const line of lines) {
    const match = /^ *(\d+): [0-9a-f]{16} +\S+ \S+ +\S+ +\S+ +(?:\[[^\]]*\] )?(\S+)/.exec(line);
    if (match) homes.set(Number(match[1]), match[2] ?? '');
  }
  return homes;
};

const isHyp = (section: string | undefined): boolean => section?.startsWith('.hyp.') === true;

const keyOf = ({ section, offset, type }: Site): string => `${section}+0x${offset.toString(16)} ${type}`;

/** Every relocation of hyp sections according to readelf, and whether it leaves them. */
export const readTruth = (
  object: string,
): readonly { readonly site: Site; readonly leaves: boolean; readonly target: string }[] => {
  const lines = readelf(object);
  const { names, patches } = readSections(lines);
  const homes = readSymbolHomes(lines);
  // Headings of `readelf -r` name the RELA section; two of one name come in the order of the section table.
  const queue = new Map<string, number[]>();
  for (const [index, patched] of patches) {
    const name = names.get(index) ?? '';
    queue.set(name, [...(queue.get(name) ?? []), patched]);
  }
  const found: { site: Site; leaves: boolean; target: string }[] = [];
  let section: string | undefined;
  for (const line of lines) {
    const heading = /^Relocation section '(.*)' at offset/.exec(line);
    if (heading) {
      section = names.get(queue.get(heading[1] ?? '')?.shift() ?? -1);
      continue;
    }
    if (!isHyp(section) || section === undefined) continue;
    const entry = /^([0-9a-f]{16}) +([0-9a-f]{8})([0-9a-f]{8}) (\S+)/.exec(line);
    if (!entry) continue;
    const [, offset = '', symbol = '', type = '', name = ''] = entry;
    const home = homes.get(Number.parseInt(symbol, 16)) ?? '?';
    const target = /^\d+$/.test(home) ? (names.get(Number(home)) ?? '?') : home;
    const known = /^R_AARCH64_(\w+)$/.exec(name)?.[1];
    found.push({
      site: {
        section,
        offset: Number.parseInt(offset, 16),
        type: known ?? `type ${Number.parseInt(type, 16)}`,
      },
      leaves: !isHyp(target),
      target,
    });
  }
  return found;
};

interface ListedDiagnostic {
  readonly option?: string;
  readonly message: string;
  readonly hyp?: { readonly relocations?: readonly Site[] } | null;
}

const isDiagnostics = (value: unknown): value is readonly ListedDiagnostic[] => Array.isArray(value);

/** What `--references -fdiagnostics-format=json` printed, against readelf's truth. */
export const compare = (truth: ReturnType<typeof readTruth>, json: string): Account => {
  const diagnostics: unknown = JSON.parse(json);
  if (!isDiagnostics(diagnostics)) throw new Error('the output is no list');
  const faults: string[] = [];
  const listed = new Map<string, { count: number; by: string }>();
  for (const diagnostic of diagnostics) {
    for (const site of diagnostic.hyp?.relocations ?? []) {
      const key = keyOf(site);
      const known = listed.get(key);
      if (known) known.count++;
      else listed.set(key, { count: 1, by: diagnostic.message });
    }
  }
  const expected = new Map<string, { count: number; leaves: boolean; target: string }>();
  for (const { site, leaves, target } of truth) {
    // R_AARCH64_NONE does nothing.
    if (site.type === 'NONE' || site.type === 'NULL') continue;
    const known = expected.get(keyOf(site));
    if (known) known.count++;
    else expected.set(keyOf(site), { count: 1, leaves, target });
  }
  let leaving = 0;
  for (const [key, { count, leaves, target }] of expected) {
    if (!leaves) continue;
    leaving += count;
    const found = listed.get(key)?.count ?? 0;
    if (found < count) faults.push(`left over: ${key} -> ${target}`);
    if (found > count) faults.push(`counted ${found} times: ${key} -> ${target}`);
  }
  for (const [key, { count, by }] of listed) {
    const known = expected.get(key);
    // Replacement code for hyp code may be in .altinstr_replacement, which is no hyp section.
    if (!known && key.startsWith('.hyp.')) faults.push(`readelf knows no ${key}: ${by}`);
    if (known && !known.leaves && count > known.count) faults.push(`counted ${count} times: ${key}`);
  }
  return { leaving, listed: [...listed.values()].reduce((sum, { count }) => sum + count, 0), faults };
};

const program = fileURLToPath(new URL('../dist/hypcheck', import.meta.url));

const accountFor = (object: string, options: readonly string[], hypcheck: string): Account => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [hypcheck, '--references', '-fdiagnostics-format=json', ...options, object],
    { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  if (status !== 0 && status !== 3)
    return { leaving: 0, listed: 0, faults: [`hypcheck gave status ${status}`] };
  return compare(readTruth(object), stdout);
};

/** The faults of an object, by the built program; `options` go to hypcheck as they are. */
export const checkCompleteness = (
  object: string,
  options: readonly string[],
  hypcheck: string = program,
): readonly string[] => accountFor(object, options, hypcheck).faults;

const [, script = '', object, ...options] = process.argv;
if (/completeness\.\w+$/.test(script)) {
  if (object === undefined) {
    process.stderr.write('usage: completeness OBJECT [hypcheck options]\n');
    process.exitCode = 2;
  } else {
    const { leaving, listed, faults } = accountFor(object, options, process.env.HYPCHECK ?? 'dist/hypcheck');
    for (const fault of faults) process.stdout.write(`${object}: ${fault}\n`);
    process.stdout.write(
      `${object}: ${leaving} relocations leave hyp, ${listed} are listed, ${faults.length} faults\n`,
    );
    process.exitCode = faults.length > 0 ? 1 : 0;
  }
}
