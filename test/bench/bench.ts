// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// `make bench` prints each figure with its limit, its value in kept.json, its value
// now, and what it was computed from.
//
// Figures are ratios between programs that ran in turn, because absolute times depend on
// the machine. Wall time is judged, because that is what people wait for; the ratio of
// processor times is printed as well. A figure fails if it exceeds its limit, or is a
// tenth worse than in kept.json. If the middle half of its rounds spreads wider than
// that tenth, the result is inconclusive, which is printed and is not a failure.

import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import {
  growthObject,
  here,
  type KernelInput,
  largeKernel,
  nvheLink,
  oldKernel,
  smallKernel,
} from './inputs.js';
import {
  type Measured,
  measure,
  median,
  type Program,
  ProgramFailure,
  phasesOf,
  quantile,
  ratios,
} from './measure.js';

const rounds = Number(process.env.HYPCHECK_BENCH_RUNS ?? 15);
const hypcheckFile = join(here, '../../dist/hypcheck');
const keptFile = join(here, 'kept.json');

/** Figures by title, as written by `bench --keep`. */
const keptFigures: Readonly<Record<string, number>> = JSON.parse(readFileSync(keptFile, 'utf8'));
const REGRESSION = 1.1;

const PLANTED_CALLS = 10;
/** Numbers of functions of 120 bytes (growth.S): as much code as 6.1's .hyp.text, ten and a hundred times as much. */
const GROWTH_FUNCTIONS = [400, 4000, 40_000] as const;
/** 99 times the code for 9 times the code, if time is linear; half as much again for noise and caches. */
const LINEAR = 99 / 9;
const GROWTH_ALLOWED = 1.5 * LINEAR;

interface Figure {
  readonly title: string;
  readonly allowed: number;
  /** null if it could not be measured; `remark` says why. */
  readonly seen: number | null;
  /** Interquartile range of the rounds, divided by the median. */
  readonly spread: number;
  readonly unit: '' | ' MB';
  readonly remark: string;
}

interface Section {
  readonly title: string;
  readonly measured: readonly Measured[];
  readonly figures: readonly Figure[];
  /** --stats of one run, if there is one. */
  readonly phases?: string;
}

const silent = (text: string): string | null => (text === '' ? null : 'it printed something');

const node: Program = {
  name: 'node -e 0',
  command: 'node',
  args: ['-e', '0'],
  directory: '.',
  complaint: silent,
};

/** Node reads them before it starts anything, for as long as hypcheck takes, which does without. */
const readsCertificates = (process.env.NODE_EXTRA_CA_CERTS ?? '') !== '';
const CERTIFICATES = 'node -e 0 reads certificates (NODE_EXTRA_CA_CERTS)';

/** What hypcheck is compared with: node as the environment makes it, and without certificates where it would read them. */
const nodes: readonly Program[] = readsCertificates
  ? [node, { ...node, name: 'node -e 0, no certificates', environment: { NODE_EXTRA_CA_CERTS: '' } }]
  : [node];

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

/**
 * hypcheck's wall time divided by another program's. In the remark: the ratio of processor times, and that of the time to
 * what `bare` takes.
 */
const ratio = (title: string, allowed: number, own?: Measured, other?: Measured, bare?: Measured): Figure => {
  if (!own || !other) return { title, allowed, seen: null, spread: 0, unit: '', remark: 'not measured' };
  const walls = ratios(own.walls, other.walls);
  const seen = median(walls);
  return {
    title,
    allowed,
    seen,
    spread: (quantile(walls, 0.75) - quantile(walls, 0.25)) / seen,
    unit: '',
    remark: [
      `processor time: ${median(ratios(own.cpus, other.cpus)).toFixed(2)}`,
      ...(bare ? [`beside ${bare.name}: ${median(ratios(own.walls, bare.walls)).toFixed(2)}`] : []),
    ].join('; '),
  };
};

const memory = (title: string, allowed: number, own?: Measured): Figure => ({
  title,
  allowed,
  seen: own?.peak ?? null,
  spread: 0,
  unit: ' MB',
  remark: own?.peak == null ? 'not measured: install GNU time (apt-get install time)' : '',
});

const small = (): Section | null => {
  const kernel = smallKernel();
  if (!kernel) return null;
  const own = hypcheck(kernel.directory, ['vmlinux.o']);
  const measured = measure([own, modpost(kernel), ...nodes], rounds);
  return {
    title: `small: vmlinux.o of ${kernel.title}`,
    measured,
    figures: [
      ratio('small: hypcheck / node -e 0', 1.7, measured[0], measured[2], measured[3]),
      memory('small: peak memory', 80, measured[0]),
    ],
    phases: phasesOf(own),
  };
};

const nvhe = (): Section | null => {
  const kernel = nvheLink();
  if (!kernel) return null;
  const measured = measure([hypcheck(kernel.directory, ['kvm_nvhe.o']), ...nodes], rounds);
  return {
    title: `nvhe: kvm_nvhe.o of ${kernel.title}`,
    measured,
    figures: [ratio('nvhe: hypcheck / node -e 0', 1.5, measured[0], measured[1], measured[2])],
  };
};

const old = (): Section | null => {
  const kernel = oldKernel();
  if (!kernel) return null;
  const own = hypcheck('/', ['--build', kernel.directory]);
  const measured = measure([own, ...nodes], rounds);
  return {
    title: `old: --build ${kernel.title}`,
    measured,
    figures: [ratio('old: hypcheck / node -e 0', 2.5, measured[0], measured[1], measured[2])],
    phases: phasesOf(own),
  };
};

const large = (): Section | null => {
  const kernels = largeKernel(PLANTED_CALLS);
  if (!kernels) return null;
  const { clean, planted } = kernels;
  const finding = {
    ...hypcheck(planted.directory, ['vmlinux.o'], plantedComplaint),
    name: 'hypcheck, ten findings',
  };
  const measured = measure([hypcheck(clean.directory, ['vmlinux.o']), finding, modpost(clean), node], rounds);
  return {
    title: `large: vmlinux.o ${clean.title}`,
    measured,
    figures: [
      ratio('large, nothing found: hypcheck / modpost', 0.9, measured[0], measured[2]),
      memory('large, nothing found: peak memory', 80, measured[0]),
      ratio('large, ten findings with lines: hypcheck / modpost', 1.2, measured[1], measured[2]),
    ],
    phases: phasesOf(finding),
  };
};

/** Checks that all planted calls are reported, each at a source line, and nothing else. */
const plantedComplaint = (text: string): string | null => {
  const warnings = text.split('\n').filter((line) => /\[-Whyp-[a-z-]+\]$/.test(line));
  if (warnings.length !== PLANTED_CALLS)
    return `${warnings.length} warnings for ${PLANTED_CALLS} planted calls`;
  const bare = warnings.find((line) => !/^[^:]+\.[chS]:\d+:/.test(line));
  return bare === undefined ? null : `a warning without its line: ${bare}`;
};

/** Growth is measured without the time for the smallest size, most of which is start-up. */
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
          spread: 0,
          unit: '',
          remark: 'not measured: calls that only VHE executes were reported',
        }
      : {
          title,
          allowed: GROWTH_ALLOWED,
          seen: (cpu(hundred) - cpu(one)) / Math.max(1, cpu(ten) - cpu(one)),
          spread: 0,
          unit: '',
          remark: `processor time; linear is ${LINEAR.toFixed(0)}`,
        };
  const kilobytes = GROWTH_FUNCTIONS.map((functions) => Math.round((functions * 120) / 1000));
  return {
    title: `growth: ${kilobytes.join(', ')} kB of hyp code with calls behind has_vhe()`,
    measured,
    figures: [figure, memory('growth: peak memory at 100 x', 160, hundred)],
  };
};

const cpu = ({ cpus }: Measured): number => median(cpus);

/** A figure beside node is of another kind where node reads certificates and did not, or the other way round. */
const keptOf = (title: string): number | undefined =>
  title.endsWith('node -e 0') && (keptFigures[CERTIFICATES] === 1) !== readsCertificates
    ? undefined
    : keptFigures[title];

const packages = 'the Debian packages it takes are not installed';
/** Why a section is skipped, if not because packages are missing. */
const skipped: Readonly<Record<string, string>> = { old: 'BENCH_OLD_BUILD names no kernel up to 5.8' };

const sections = { small, nvhe, old, large, growth };

const verdictOf = ({ title, seen, allowed, spread }: Figure): string => {
  if (seen === null) return 'unknown';
  const before = keptOf(title);
  const isWorse = before !== undefined && seen > before * REGRESSION;
  if (!isWorse && seen <= allowed) return 'within';
  if (spread > REGRESSION - 1) return 'noisy';
  return isWorse ? 'WORSE' : 'OVER';
};

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

const printMeasured = ({ title, measured, phases }: Section): void => {
  const rows = measured.map(({ name, walls, cpus, peak }) => [
    name,
    `${median(walls).toFixed(0)} ms`,
    `${Math.min(...walls).toFixed(0)} to ${Math.max(...walls).toFixed(0)} ms`,
    `${median(cpus).toFixed(0)} ms`,
    peak === null ? '-' : `${peak.toFixed(1)} MB`,
  ]);
  const table = tableOf([['', 'wall', 'from to', 'user+sys', 'peak memory'], ...rows]);
  process.stdout.write(`${title}\n${table}${phases === undefined ? '' : `  ${phases}\n`}\n`);
};

const printFigures = (figures: readonly Figure[]): void => {
  const written = (value: number | null | undefined, unit: string): string =>
    value == null ? '-' : `${value.toFixed(unit === '' ? 2 : 0)}${unit}`;
  const rows = figures.map((figure) => [
    figure.title,
    written(figure.allowed, figure.unit),
    written(keptOf(figure.title), figure.unit),
    written(figure.seen, figure.unit),
    figure.spread === 0 ? '' : `+-${(figure.spread * 50).toFixed(0)} %`,
    verdictOf(figure),
    figure.remark,
  ]);
  process.stdout.write(tableOf([['', 'allowed', 'kept', 'seen', '', '', ''], ...rows]));
};

/** Writes the figures that were measured to kept.json, and keeps the others. */
const keep = (figures: readonly Figure[]): void => {
  const seen = figures.flatMap(({ title, seen }) =>
    seen === null ? [] : [[title, Number(seen.toFixed(2))] as const],
  );
  const all = Object.entries({
    ...keptFigures,
    ...Object.fromEntries(seen),
    [CERTIFICATES]: readsCertificates ? 1 : 0,
  }).sort();
  writeFileSync(keptFile, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
};

const main = (words: readonly string[]): number => {
  const names = words.filter((word) => word !== '--strict' && word !== '--keep');
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
      process.stdout.write(`${name}: skipped: ${skipped[name] ?? packages}\n\n`);
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
  if (words.includes('--keep')) keep(figures);
  const count = (verdict: string): number => figures.filter((one) => verdictOf(one) === verdict).length;
  const worse = count('WORSE');
  const over = count('OVER');
  if (worse > 0) process.stdout.write(`${worse} of ${figures.length} figures are a tenth worse than kept.\n`);
  if (over > 0) process.stdout.write(`${over} of ${figures.length} figures are over what is allowed.\n`);
  return worse > 0 || (over > 0 && words.includes('--strict')) ? 1 : 0;
};

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ProgramFailure)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
