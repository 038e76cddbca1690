// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The program as a process of its own, for what a function cannot show: streams
// that break, standard input, how much processor time and memory it takes. It is
// what bin/build.js builds: dist/ is used if it is up to date, else each test file
// that needs the program builds it once.

import { execFileSync, type StdioOptions, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pace } from './pace.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-program-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** At its end, the process writes to descriptor 3 how much it took. */
const measure = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  try {
    require('node:fs').writeSync(3, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, memory: maxRSS * 1024 }));
  } catch {}
});\n`;

const root = join(import.meta.dirname, '../..');

/** Whether dist/ is up to date: no source is newer. */
const isBuilt = (): boolean => {
  const program = join(root, 'dist/hypcheck');
  if (!existsSync(program)) return false;
  const { mtimeMs } = statSync(program);
  const sources = ['bin', 'lib'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(root, folder, path),
    ),
  );
  return [...sources, join(root, 'package.json')].every((path) => statSync(path).mtimeMs <= mtimeMs);
};

const build = (): string => {
  writeFileSync(join(folder, 'measure.cjs'), measure);
  if (isBuilt()) return join(root, 'dist/hypcheck');
  execFileSync(process.execPath, ['bin/build.js', join(folder, 'built')], { cwd: root });
  return join(folder, 'built/hypcheck');
};

let built: string | undefined;

/** The program's file. */
export const programFile = (): string => {
  built ??= build();
  return built;
};

export interface Ran {
  /** null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds of processor time; Infinity if it ended before it could write them. */
  readonly cpu: number;
  /** The largest resident size, in bytes. */
  readonly memory: number;
}

export interface Circumstances {
  readonly directory?: string;
  readonly input?: Uint8Array;
  readonly stdio?: StdioOptions;
  /** Shell text in front of the program: "exec 1>&-;". */
  readonly shell?: string;
  /** Processor seconds after which the system ends it. */
  readonly seconds?: number;
  /** Options of node. */
  readonly node?: readonly string[];
}

export const runProgram = (argv: readonly string[], circumstances: Circumstances = {}): Ran => {
  const { directory, input, shell = '', seconds = 30 * pace, node = [] } = circumstances;
  const program = programFile();
  const words = ['-r', join(folder, 'measure.cjs'), ...node, program, ...argv];
  const { status, stdout, stderr, output } = spawnSync(
    'sh',
    [
      '-c',
      // By these tap would be loaded into it: twice the time of a short run, and measured with it. Certificates are what
      // the program, started by its own name, unsets itself.
      `unset NODE_OPTIONS NODE_EXTRA_CA_CERTS; ulimit -t ${Math.ceil(seconds)}; ${shell} exec "$0" "$@"`,
      process.execPath,
      ...words,
    ],
    {
      cwd: directory,
      input,
      stdio: circumstances.stdio ?? [input ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    },
  );
  const said = output?.[3]?.toString() ?? '';
  const { cpu, memory } =
    said === '' ? { cpu: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY } : JSON.parse(said);
  return { status, stdout: stdout?.toString() ?? '', stderr: stderr?.toString() ?? '', cpu, memory };
};
