// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Processor time and memory of a run with 4,000 findings, for each output format.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { STB, STT } from '../lib/elf/vocabulary.js';
import { formatNames, reportNames } from '../lib/formats/names.js';
import { buildObject, code, type Item } from './support/object-builder.js';
import { isWithin } from './support/pace.js';
import { runProgram } from './support/program.js';

const COUNT = 4000;
/** Milliseconds of processor time, and bytes. */
const MOST_TIME = 1500;
const MOST_MEMORY = 180 << 20;

const RET = 0xd65f03c0;
const folder = mkdtempSync(join(tmpdir(), 'hypcheck-size-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** A hyp function for each call of a host function. */
const functions = Array.from({ length: COUNT }, (_, index): readonly Item[] => [
  { label: `hyp_function_${index}`, type: STT.FUNC, binding: STB.GLOBAL },
  { word: 0x94000000, relocation: { type: 283, to: 'host_function' } },
  RET,
  { end: `hyp_function_${index}` },
]).flat();

writeFileSync(
  join(folder, 'many.o'),
  buildObject({
    sections: [
      { name: '.hyp.text', flags: code, items: functions },
      {
        name: '.text',
        flags: code,
        items: [
          { label: 'host_function', type: STT.FUNC, binding: STB.GLOBAL },
          RET,
          { end: 'host_function' },
        ],
      },
    ],
  }),
);

const cases: readonly (readonly [string, readonly string[], string | null])[] = [
  ...formatNames.map((name) => [name, [`-fdiagnostics-format=${name}`, '-o', 'out'], 'out'] as const),
  ...reportNames.map(
    (name) => [`--report ${name}`, ['-o', '/dev/null', '--report', `${name}=side`], 'side'] as const,
  ),
  ['writing a baseline', ['-o', '/dev/null', '--write-baseline', 'base'], 'base'],
  ['reading a baseline', ['-o', 'out', '--baseline', 'base'], null],
];

for (const [name, words, file] of cases) {
  t.test(`${name}: 1.5 s and 180 MB are enough for 4,000 findings`, async (t) => {
    const { status, cpu, memory, stderr } = runProgram(['--vhe=unknown', '--whole', ...words, 'many.o'], {
      directory: folder,
    });
    t.equal(status, 0, stderr.slice(0, 500));
    t.comment(
      `${Math.round(cpu)} ms, ${memory >> 20} MB${file === null ? '' : `, a file of ${statSync(join(folder, file)).size} bytes`}`,
    );
    t.ok(isWithin(cpu, MOST_TIME), `${Math.round(cpu)} ms`);
    t.ok(memory < MOST_MEMORY, `${memory >> 20} MB`);
    if (file !== null) t.ok(readFileSync(join(folder, file), 'utf8').includes(`hyp_function_${COUNT - 1}`));
    else t.match(stderr, /4000 findings known before/);
  });
}
