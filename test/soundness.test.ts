// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the program calls VHE's or dead must not be executed without VHE: an oracle
// runs the samples, and mutants of them, as a machine without VHE would, and no
// reference that it reaches may have been excused.
//
//   HYPCHECK_MUTANTS=N   how many mutants (200; 1000 show more)
//   HYPCHECK_SEED=S      the first one's seed (1); a failure names its own
//
// A quarter as many objects are made at random: samples and their mutants have only
// the forms that compilers choose.
//
// Odd: the reverse is not checked. The oracle leaves much unreached, and the
// program may call live what is not. That it does not call everything live is
// checked by the samples' annotations, in samples.test.ts.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { apply, describe, mutantOf, readSpecimen, type Specimen, shrink } from './flow/mutants.js';
import type { Change } from './flow/mutations.js';
import { type Walk, walkWithoutVhe } from './flow/oracle.js';
import { randomObject } from './flow/random-object.js';
import {
  type Contradiction,
  contradictions,
  isExcused,
  isWithoutHost,
  reachedBy,
  type Verdict,
  VHE,
  verdictsOn,
} from './flow/verdicts.js';

const MUTANTS = Number(process.env.HYPCHECK_MUTANTS ?? 200);
const FIRST_SEED = Number(process.env.HYPCHECK_SEED ?? 1);
/** Failures that are reported in full. */
const TOLD = 5;

interface Sample {
  readonly specimen: Specimen;
  readonly areGlobalsRoots: boolean;
  readonly walk: Walk;
  readonly verdicts: readonly Verdict[];
}

const readSample = async (path: string): Promise<Sample> => {
  const bytes = new Uint8Array(readFileSync(path));
  const areGlobalsRoots = await isWithoutHost(bytes);
  return {
    specimen: await readSpecimen(path, bytes),
    areGlobalsRoots,
    walk: await walkWithoutVhe(bytes, { vheCapability: VHE, areGlobalsRoots }),
    verdicts: await verdictsOn(path, VHE),
  };
};

/**
 * Samples beyond the oracle: it enters all that host code or data refers to, learns nothing from a comparison, and does
 * not count passing an address to a function as a use.
 */
const BEYOND = /^(label-tables|host-hands-out|made-arguments)\./;

const paths = ['test/samples/flow', 'test/samples/hyp-text'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o') && !BEYOND.test(name))
    .sort()
    .map((name) => join(folder, name)),
);
const samples: Sample[] = [];
for (const path of paths) samples.push(await readSample(path));

const tell = (path: string, { verdict, path: way }: Contradiction): readonly string[] => [
  `${path}(${verdict.from.section}+0x${verdict.from.offset.toString(16)}): '${verdict.symbol}', ${verdict.access} of '${verdict.target}', is called ${verdict.reach}`,
  'but a machine without VHE gets there:',
  ...way.map((step) => `  ${step}`),
];

/** The annotation (WARN, VHE or MAY) of a line in the samples' sources. */
const annotationAt = ({ file, line, target }: Verdict): string | null => {
  if (file === null || line === null || !/^test\/samples\//.test(file)) return null;
  const text = readFileSync(file, 'utf8').split('\n')[line - 1] ?? '';
  for (const [, word, name] of text.matchAll(/\b(WARN|VHE|MAY) [\w|-]+ '([^']+)'/g))
    if (name === '*' || name === target.replace(/\..*/, '')) return word ?? null;
  return null;
};

// Functions where the oracle cannot follow:
// - a branch through a table of no known form, made by relocations, or with an index that it has no bound of;
// - an address with a distance added, in SP, loaded from memory, or left in a register by a call;
// - a function that is entered only through a table of the host, its address, its cold part or a label of assembly;
// - one number in two registers, which it takes for two numbers.
const LEFT_OPEN = new Set([
  'test/samples/flow/indirect.S:through_odd_table',
  'test/samples/flow/indirect.S:taken',
  'test/samples/flow/memory-tables.S:in_literal',
  'test/samples/flow/addresses.S:jumped_into',
  'test/samples/flow/addresses.S:called_into',
  'test/samples/flow/addresses.S:sets_stack',
  'test/samples/flow/addresses.S:in_pool',
  'test/samples/flow/addresses.S:new_vectors',
  'test/samples/flow/host-entries.S:behind_label',
  'test/samples/flow/host-entries.S:behind_cold_part',
  'test/samples/flow/host-guards.c:hyp_pointed_at',
  'test/samples/flow/host-guards.c:hyp_taken',
  'test/samples/flow/host-guards.c:hyp_exported',
  'test/samples/flow/host-guards.c:hyp_at_boot',
  'test/samples/flow/replacements.S:by_old_address',
  'test/samples/flow/link-register.S:copies',
  'test/samples/flow/link-register.S:copies_half',
  'test/samples/flow/relocated-tables.S:counts_from_table',
  'test/samples/flow/switch-index.c:index_is_copied',
  'test/samples/flow/switch-index.c:in_a_loop',
  'test/samples/flow/kept-over-calls.c:handed_on',
  'test/samples/flow/kept-over-calls.c:in_second_register',
  'test/samples/flow/summaries.S:skipped',
  'test/samples/flow/summaries.S:comes_back',
  'test/samples/flow/summaries.S:calls_namesake',
  'test/samples/flow/summaries.S:unnamed_table',
  'test/samples/flow/summaries.S:encoded',
]);

t.test('the oracle reaches what the samples say is live, and nothing they say is VHE’s', async (t) => {
  // A line may be compiled twice, behind a guard and in front of it: it is live if one copy is.
  const lines = new Map<string, { readonly word: string; readonly isReached: boolean }>();
  for (const { specimen, walk, verdicts } of samples) {
    for (const verdict of verdicts) {
      const word = annotationAt(verdict);
      if ((word !== 'WARN' && word !== 'VHE') || LEFT_OPEN.has(`${verdict.file}:${verdict.symbol}`)) continue;
      const line = `${specimen.path}: ${verdict.file}:${verdict.line} '${verdict.target}' is ${word}`;
      const isReached = reachedBy(walk, verdict) !== null || lines.get(line)?.isReached === true;
      lines.set(line, { word, isReached });
    }
  }
  const wrong = [...lines].filter(([, { word, isReached }]) => isReached !== (word === 'WARN'));
  t.same(wrong, []);
  const live = [...lines.values()].filter(({ word }) => word === 'WARN').length;
  t.ok(live > 500 && lines.size - live > 200, `enough of both: ${live} live, ${lines.size - live} VHE’s`);
});

t.test('the oracle contradicts an answer that excuses everything', async (t) => {
  let found = 0;
  for (const { walk, verdicts } of samples) {
    const excused = verdicts.map((verdict) => ({ ...verdict, reach: 'vhe-only' }));
    found += contradictions(walk, excused).length;
  }
  t.ok(found > 500, `${found} contradictions`);
});

const excused = samples.flatMap(({ verdicts }) => verdicts.filter(isExcused)).length;
const skip =
  excused === 0 && 'no reference of the samples is judged vhe-only or dead: there is nothing to contradict';

t.test('the oracle contradicts an answer that takes another capability for VHE’s', { skip }, async (t) => {
  const other = VHE + 9;
  const found = [];
  for (const { specimen, walk } of samples.filter(({ specimen }) => specimen.path.includes('/keys.')))
    found.push(...contradictions(walk, await verdictsOn(specimen.path, other)));
  t.ok(found.length > 10, `${found.length} contradictions`);
});

t.test('no reference that the oracle reaches in the samples is excused', { skip }, async (t) => {
  const wrong = samples.flatMap(({ specimen, walk, verdicts }) =>
    contradictions(walk, verdicts).flatMap((one) => tell(specimen.path, one)),
  );
  t.same(wrong, []);
  t.ok(excused > 200, `${excused} references are excused`);
});

/** Judges objects that are only in memory. */
const inMemory = (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-mutants-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'mutant.o');
  const counts = { reached: 0, excused: 0, failed: 0 };
  const judge = async (bytes: Uint8Array, areGlobalsRoots: boolean): Promise<readonly Contradiction[]> => {
    writeFileSync(file, bytes);
    const walk = await walkWithoutVhe(bytes, { vheCapability: VHE, areGlobalsRoots });
    const verdicts = await verdictsOn(file, VHE);
    counts.reached += verdicts.filter((verdict) => reachedBy(walk, verdict) !== null).length;
    counts.excused += verdicts.filter(isExcused).length;
    return contradictions(walk, verdicts);
  };
  return { counts, judge };
};

t.test(`none that it reaches in ${MUTANTS} mutants is excused`, { skip, timeout: 0 }, async (t) => {
  const { counts, judge } = inMemory(t);
  const byPath = new Map(samples.map(({ specimen, areGlobalsRoots }) => [specimen.path, areGlobalsRoots]));
  const specimens = samples.map(({ specimen }) => specimen).filter(({ kinds }) => kinds.length > 0);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + MUTANTS; seed++) {
    const mutant = mutantOf(seed, specimens);
    if (!mutant) continue;
    const { specimen, changes } = mutant;
    const wrongWith = (some: readonly Change[]) =>
      judge(apply(specimen.bytes, some), byPath.get(specimen.path) ?? false);
    if ((await wrongWith(changes)).length === 0) continue;
    counts.failed++;
    if (counts.failed > TOLD) continue;
    const fewest = await shrink(changes, async (some) => (await wrongWith(some)).length > 0);
    const [first] = await wrongWith(fewest);
    const contradiction = first ? tell(specimen.path, first) : [];
    t.fail(`HYPCHECK_SEED=${seed}, ${specimen.path}`, { changes: describe(fewest), contradiction });
  }
  t.equal(counts.failed, 0, 'mutants with a contradiction');
  const { reached, excused } = counts;
  t.ok(reached > MUTANTS && excused > MUTANTS / 2, `${reached} references reached, ${excused} excused`);
});

const OBJECTS = Math.ceil(MUTANTS / 4);

t.test(`none that it reaches in ${OBJECTS} random objects is excused`, { skip, timeout: 0 }, async (t) => {
  const { counts, judge } = inMemory(t);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + OBJECTS; seed++) {
    const [first] = await judge(randomObject(seed), false);
    if (!first) continue;
    counts.failed++;
    if (counts.failed <= TOLD)
      t.fail(`HYPCHECK_SEED=${seed}`, { contradiction: tell('random object', first) });
  }
  t.equal(counts.failed, 0, 'objects with a contradiction');
  const { reached, excused } = counts;
  t.ok(reached > OBJECTS && excused > OBJECTS, `${reached} references reached, ${excused} excused`);
});
