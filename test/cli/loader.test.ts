// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How the built program starts: with V8's code cache beside it, without, and with a
// cache that is not its own, which may cost time and nothing else.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { formatNames } from '../../lib/formats/names.js';
import { runMain } from '../support/run-main.js';

const root = join(import.meta.dirname, '../..');
const folder = t.testdir();
execFileSync(process.execPath, ['bin/build.js', join(folder, 'built')], { cwd: root });
const built = join(folder, 'built/hypcheck');
const cache = readFileSync(`${built}.cache`);
const HASH_SIZE = 64;

/** What the program prints for a sample with findings, and whether V8 accepted its cache. */
const run = (program: string) => {
  const watch = join(folder, 'watch.cjs');
  writeFileSync(
    watch,
    `const vm = require('node:vm');
     vm.Script = class extends vm.Script {
       constructor(source, options) {
         super(source, options);
         process.on('exit', () => process.stderr.write('taken: ' + (options.cachedData ? !this.cachedDataRejected : 'none')));
       }
     };`,
  );
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['-r', watch, program, '--whole', 'test/samples/hyp-text/call-helper.o'],
    { cwd: root, encoding: 'utf8' },
  );
  const [said, taken] = stderr.split('taken: ');
  return { answer: `${stdout}${said}${status}`, taken };
};

/** The program in a folder of its own, with these bytes as its cache. */
const placed = (name: string, bytes: Uint8Array | null): string => {
  const home = join(folder, name);
  mkdirSync(home);
  copyFileSync(built, join(home, 'hypcheck'));
  if (bytes) writeFileSync(join(home, 'hypcheck.cache'), bytes);
  return join(home, 'hypcheck');
};

const alone = run(placed('alone', null));

t.match(alone.answer, /-Whyp-call/, 'works without a cache');
t.equal(alone.taken, 'none');

t.same(run(built), { answer: alone.answer, taken: 'true' }, 'starts from its cache');

t.test('the cache is found through a symbolic link', async (t) => {
  symlinkSync(built, join(folder, 'link'));
  t.same(run(join(folder, 'link')), { answer: alone.answer, taken: 'true' });
});

const others: readonly (readonly [string, Uint8Array])[] = [
  ['of another program', Buffer.concat([cache.subarray(0, -HASH_SIZE), Buffer.alloc(HASH_SIZE, '0')])],
  ['cut short', cache.subarray(0, 1000)],
  ['empty', Buffer.alloc(0)],
];
for (const [what, bytes] of others)
  t.same(run(placed(what, bytes)), { answer: alone.answer, taken: 'none' }, `a cache ${what}`);

t.test('a cache that V8 rejects changes no output', async (t) => {
  const broken = Buffer.from(cache);
  broken.fill(0x55, 0, 64);
  t.same(run(placed('broken', broken)), { answer: alone.answer, taken: 'false' });
});

t.test('the same sources give the same program, byte by byte', async (t) => {
  const before = readFileSync(built);
  rmSync(join(folder, 'built'), { recursive: true });
  execFileSync(process.execPath, ['bin/build.js', join(folder, 'built')], { cwd: root });
  t.ok(before.equals(readFileSync(built)));
});

t.test('the built program prints what the sources print, in every format', async (t) => {
  for (const form of formatNames) {
    const words = [
      '--whole',
      '-fdiagnostics-color=always',
      `-fdiagnostics-format=${form}`,
      'test/samples/hyp-text/call-helper.o',
    ];
    for (const environment of [{ LC_ALL: 'C' }, { LC_ALL: 'C.UTF-8' }]) {
      const { stdout, stderr } = spawnSync(built, words, {
        cwd: root,
        encoding: 'utf8',
        env: { ...environment, PATH: process.env.PATH },
      });
      const expected = await runMain(words, { directory: root, environment });
      t.equal(stdout + stderr, expected.stdout + expected.stderr, `${form}, ${environment.LC_ALL}`);
    }
  }
});
