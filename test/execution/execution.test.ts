// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hypcheck calls VHE's or dead must not be executed without VHE: random
// programs are compiled, patched as a kernel patches itself on a machine without
// VHE, and run under an emulator. Each use of the host that is reached has to be
// reported, or at least called unknown.
//
//   HYPCHECK_PROGRAMS=N   how many programs, at least (a unit for each of the
//                         options in options.ts; 2000 show more)
//   HYPCHECK_SEED=S       the first unit's seed (1); a failure names its own
//   HYPCHECK_REDUCE=N     how many failures are reduced (2)
//   HYPCHECK_RECORD=1     makes the recorded objects again
//
// Odd: the reverse is not checked: what was not reached may still be reachable.
// Instead, guards have to keep something out, and an answer that excuses everything
// has to fail.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { without } from '../support/tools.js';
import { allOptions } from './options.js';
import { readRecordings, record } from './recorded.js';
import { textOf } from './syntax.js';
import { execute, judge, prepare, reduced, type Shape, tell } from './trial.js';
import { contradictions, isExcused, type Verdict, verdictsOn } from './verdicts.js';

const PER_UNIT = 10;
const SHAPE: Shape = { programs: PER_UNIT, worlds: 6, runs: 60 };
const PROGRAMS = Number(process.env.HYPCHECK_PROGRAMS ?? allOptions.length * PER_UNIT);
const FIRST_SEED = Number(process.env.HYPCHECK_SEED ?? 1);
const REDUCED = Number(process.env.HYPCHECK_REDUCE ?? 2);
const ATTEMPTS = 400;
/** Failures that are reported. */
const TOLD = 12;
/** Units whose programs are run with VHE too. */
const WITH_VHE = 20;

const skip = without('aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-ld', 'clang-19', 'qemu-aarch64');
const units = Math.max(1, Math.ceil(PROGRAMS / PER_UNIT));
const folder = mkdtempSync(join(tmpdir(), 'hypcheck-execution-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** An answer that excuses every reference. */
const excusing = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.map((verdict) => ({ ...verdict, reach: 'vhe-only' }));

const count = {
  ...{
    sinks: 0,
    compiled: 0,
    reached: 0,
    excused: 0,
    contradicted: 0,
    units: 0,
    programs: 0,
    contradictedPrograms: 0,
  },
  ...{ contradictedByExcusing: 0, onlyWithVhe: 0, onlyWithVheExcused: 0 },
  ...{ failed: 0 },
};

if (process.env.HYPCHECK_RECORD !== undefined) await record(folder, FIRST_SEED);

t.test(
  'no use of the host that a random program executes without VHE is excused',
  { skip, timeout: 0 },
  async (t) => {
    let [toTell, toReduce] = [TOLD, REDUCED];
    // Compilers and emulator work on the next unit while hypcheck judges this one.
    let next = prepare(folder, FIRST_SEED, SHAPE);
    for (let i = 0; i < units; i++) {
      // A random program may overflow its stack and stop the emulator: then its unit is not judged.
      const trial = await next.catch((error: unknown) => {
        count.failed++;
        t.comment(`seed ${FIRST_SEED + i}: ${error}`.split('\n')[0] ?? '');
        return null;
      });
      if (i + 1 < units) {
        next = prepare(folder, FIRST_SEED + i + 1, SHAPE);
        // It is awaited in the next round; until then a failure must not count as unhandled.
        next.catch(() => {});
      }
      if (!trial) continue;
      const { verdicts, found } = await judge(trial);
      const { unit, execution } = trial;
      const open = new Set(verdicts.filter((verdict) => !isExcused(verdict)).map(({ target }) => target));
      const known = new Set(verdicts.map(({ target }) => target));
      const names = [...unit.sinks, ...unit.data];
      const excused = new Set(names.filter((name) => known.has(name) && !open.has(name)));
      count.units++;
      count.programs += trial.programs.length;
      count.sinks += names.length;
      count.compiled += names.filter((name) => known.has(name)).length;
      count.reached += execution.reached.size;
      count.excused += excused.size;
      count.contradicted += found.length;
      count.contradictedByExcusing += contradictions(excusing(verdicts), execution).length;
      if (i < WITH_VHE) {
        const { reached } = await execute(trial, SHAPE, true);
        const only = [...reached].filter((name) => !execution.reached.has(name));
        count.onlyWithVhe += only.length;
        count.onlyWithVheExcused += only.filter((name) => excused.has(name)).length;
      }
      const programs = new Map(found.map((each) => [each.target.split('_')[1], each]));
      for (const contradiction of programs.values()) {
        count.contradictedPrograms++;
        if (toTell-- <= 0) continue;
        t.fail(tell(trial, contradiction));
        if (toReduce-- <= 0) continue;
        const program = await reduced(folder, trial, contradiction, SHAPE, ATTEMPTS);
        t.comment(program === null ? 'only in its unit' : `reduced to\n${textOf(program)}`);
      }
    }
    t.comment(
      `${count.units} of ${units} units, ${count.programs} programs, ${count.compiled} uses of the host: ${count.reached} reached, ${count.excused} excused`,
    );
    t.equal(
      count.contradicted,
      0,
      `${count.contradicted} contradicted, in ${count.contradictedPrograms} programs`,
    );
    t.ok(count.failed * 20 <= units, `${count.failed} of ${units} units could not be run`);
  },
);

t.test('random programs contradict an answer that excuses everything', { skip }, async (t) => {
  t.ok(count.contradictedByExcusing >= 0.4 * count.programs, `${count.contradictedByExcusing} times`);
});

t.test('VHE reaches more uses of the host; at least half of those are excused', { skip }, async (t) => {
  const { onlyWithVhe, onlyWithVheExcused } = count;
  t.ok(
    onlyWithVhe >= 0.2 * PER_UNIT * Math.min(count.units, WITH_VHE),
    `${onlyWithVhe} reached with VHE only`,
  );
  t.ok(onlyWithVheExcused >= onlyWithVhe / 2, `${onlyWithVheExcused} of them excused`);
});

t.test('no use of the host that a recorded object executed is excused', async (t) => {
  let executed = 0;
  for (const { name, whole, execution } of await readRecordings()) {
    executed += execution.reached.size;
    for (const { target, said } of contradictions(await verdictsOn(whole), execution))
      t.fail(`${name}: '${target}' is ${said}, and was executed without VHE`);
  }
  t.ok(executed >= 200, `${executed} executed uses of the host`);
});
