// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What `make bench` prints: what each figure may be, what was seen, and how it
// came about. The figures are of the first issues: no slower than 2.5 times an
// empty node on a small kernel, about as fast as modpost on a large one, and
// linear in the hyp code.
//
// Judged is wall time, because that is what somebody waits for. On a busy
// machine it tells more about the neighbours: the same ratio of processor time
// stands beside it.

import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { growthObject, here, type KernelInput, largeKernel, smallKernel } from './inputs.js';
import { type Measured, measure, type Program, ProgramFailure } from './measure.js';

const rounds = Number(process.env.HYPCHECK_BENCH_RUNS ?? 11);
const hypcheckFile = join(here, '../../dist/hypcheck');

const PLANTED_CALLS = 10;
/** growth.S has 120 bytes a function: as much code as 6.1's .hyp.text, and ten and a hundred times that. */
const GROWTH_FUNCTIONS = [400, 4000, 40_000] as const;
/** 99 times the code for 9 times the code, if time is linear; half as much again for noise and caches. */
const LINEAR = 99 / 9;
const GROWTH_ALLOWED = 1.5 * LINEAR;

interface Figure {
  readonly title: string;
  readonly allowed: number;
  /** null: could not be measured; `remark` says why. */
  readonly seen: number | null;
  readonly unit: '' | ' MB';
  readonly remark: string;
}

interface Section {
  readonly title: string;
  readonly measured: readonly Measured[];
  readonly figures: readonly Figure[];
}

const silent = (text: string): string | null => (text === '' ? null : 'it printed something');

const node: Program = {
  name: 'node -e 0',
  command: 'node',
  args: ['-e', '0'],
  directory: '.',
  complaint: silent,
};

const hypcheck = (directory: string, args: readonly string[], complaint = silent): Program => ({
  name: 'hypcheck',
  command: hypcheckFile,
  args,
  directory,
  complaint,
});

const modpost = ({ directory, modpostOptions }: KernelInput): Program => ({
  name: 'modpost',
  command: 'scripts/mod/modpost',
  args: [...modpostOptions, '-o', 'bench.symvers', 'vmlinux.o'],
  directory,
  complaint: () => null,
});

/** hypcheck's wall time by another program's, processor time in the remark. */
const ratio = (title: string, allowed: number, own?: Measured, other?: Measured): Figure => ({
  title,
  allowed,
  seen: own && other ? own.wall / other.wall : null,
  unit: '',
  remark: own && other ? `processor time: ${(own.cpu / other.cpu).toFixed(2)}` : 'not measured',
});

const memory = (title: string, allowed: number, own?: Measured): Figure => ({
  title,
  allowed,
  seen: own?.peak ?? null,
  unit: ' MB',
  remark: own?.peak == null ? 'not measured: install GNU time (apt-get install time)' : '',
});

const small = (): Section | null => {
  const kernel = smallKernel();
  if (!kernel) return null;
  const measured = measure([hypcheck(kernel.directory, ['vmlinux.o']), modpost(kernel), node], rounds);
  const [own, , empty] = measured;
  return {
    title: `small: vmlinux.o of ${kernel.title}`,
    measured,
    figures: [ratio('small: hypcheck / node -e 0', 2.5, own, empty)],
  };
};

const large = (): Section | null => {
  const kernels = largeKernel(PLANTED_CALLS);
  if (!kernels) return null;
  const { clean, planted } = kernels;
  const measured = measure(
    [
      hypcheck(clean.directory, ['vmlinux.o']),
      { ...hypcheck(planted.directory, ['vmlinux.o'], plantedComplaint), name: 'hypcheck, ten findings' },
      modpost(clean),
      node,
    ],
    rounds,
  );
  const [own, finding, other] = measured;
  return {
    title: `large: vmlinux.o ${clean.title}`,
    measured,
    figures: [
      ratio('large, nothing found: hypcheck / modpost', 1.2, own, other),
      memory('large, nothing found: peak memory', 100, own),
      ratio('large, ten findings with lines: hypcheck / modpost', 2, finding, other),
    ],
  };
};

/** All of the calls are reported, each at a line of source, and nothing else is. */
const plantedComplaint = (text: string): string | null => {
  const warnings = text.split('\n').filter((line) => /\[-Whyp-[a-z-]+\]$/.test(line));
  if (warnings.length !== PLANTED_CALLS)
    return `${warnings.length} warnings for ${PLANTED_CALLS} planted calls`;
  const bare = warnings.find((line) => !/^[^:]+\.[chS]:\d+:/.test(line));
  return bare === undefined ? null : `a warning without its line: ${bare}`;
};

/** Start-up is the same at every size, so the growth is that of what comes on top of the smallest. */
const growth = (): Section | null => {
  const objects = GROWTH_FUNCTIONS.map(growthObject);
  let printed = 0;
  const lines = (text: string): null => {
    printed = Math.max(printed, text === '' ? 0 : text.split('\n').length);
    return null;
  };
  const programs = objects.flatMap((object) =>
    object === null
      ? []
      : [
          {
            ...hypcheck('.', ['--whole', '--vhe-cap=11', object], lines),
            name: `hypcheck ${basename(object)}`,
          },
        ],
  );
  if (programs.length < objects.length) return null;
  const measured = measure(programs, Math.min(rounds, 5));
  const [one, ten, hundred] = measured;
  const title = 'growth: (100 x - 1 x) / (10 x - 1 x) of the hyp code';
  const figure: Figure =
    printed > 0 || !one || !ten || !hundred
      ? {
          title,
          allowed: GROWTH_ALLOWED,
          seen: null,
          unit: '',
          remark: 'not measured: calls that only VHE executes were reported',
        }
      : {
          title,
          allowed: GROWTH_ALLOWED,
          seen: (hundred.cpu - one.cpu) / Math.max(1, ten.cpu - one.cpu),
          unit: '',
          remark: `processor time; linear is ${LINEAR.toFixed(0)}`,
        };
  const kilobytes = GROWTH_FUNCTIONS.map((functions) => Math.round((functions * 120) / 1000));
  return {
    title: `growth: ${kilobytes.join(', ')} kB of hyp code with calls behind has_vhe()`,
    measured,
    figures: [figure],
  };
};

const sections = { small, large, growth };

const verdictOf = ({ seen, allowed }: Figure): string =>
  seen === null ? 'unknown' : seen <= allowed ? 'within' : 'OVER';

const tableOf = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
};

const printMeasured = ({ title, measured }: Section): void => {
  const rows = measured.map(({ name, wall, cpu, fastest, peak }) => [
    name,
    `${wall.toFixed(0)} ms`,
    `${fastest.toFixed(0)} ms`,
    `${cpu.toFixed(0)} ms`,
    peak === null ? '-' : `${peak.toFixed(1)} MB`,
  ]);
  process.stdout.write(
    `${title}\n${tableOf([['', 'wall', 'fastest', 'user+sys', 'peak memory'], ...rows])}\n`,
  );
};

const printFigures = (figures: readonly Figure[]): void => {
  const rows = figures.map((figure) => [
    figure.title,
    `${figure.allowed.toFixed(figure.unit === '' ? 2 : 0)}${figure.unit}`,
    figure.seen === null ? '-' : `${figure.seen.toFixed(2)}${figure.unit}`,
    verdictOf(figure),
    figure.remark,
  ]);
  process.stdout.write(tableOf([['', 'allowed', 'seen', '', ''], ...rows]));
};

const main = (words: readonly string[]): number => {
  const names = words.filter((word) => word !== '--strict');
  const wrong = names.find((name) => !Object.hasOwn(sections, name));
  if (wrong !== undefined) {
    process.stderr.write(`bench: '${wrong}' is none of ${Object.keys(sections).join(', ')}\n`);
    return 2;
  }
  const figures: Figure[] = [];
  for (const [name, run] of Object.entries(sections)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const section = run();
    if (!section) {
      process.stdout.write(`${name}: skipped: the Debian packages it takes are not installed\n\n`);
      continue;
    }
    printMeasured(section);
    figures.push(...section.figures);
  }
  printFigures(figures);
  const load = loadavg()[0] ?? 0;
  process.stdout.write(
    `\nMedians of ${rounds} alternating rounds. Load average: ${load.toFixed(1)}${load > 1.5 ? '; the machine is busy: compare processor time' : ''}.\n`,
  );
  const over = figures.filter((figure) => verdictOf(figure) === 'OVER').length;
  if (over > 0) process.stdout.write(`${over} of ${figures.length} figures are OVER what is allowed.\n`);
  return over > 0 && words.includes('--strict') ? 1 : 0;
};

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ProgramFailure)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
