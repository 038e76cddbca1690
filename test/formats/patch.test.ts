// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The patch against what diff -u prints for the same change; git has to apply it.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Diagnostic, FixIt } from '../../lib/diagnostics/diagnostic.js';
import { patchOf } from '../../lib/formats/patch.js';
import { inFolder, run, without } from '../support/tools.js';

const diagnosticWith = (fixits: readonly FixIt[]): Diagnostic => ({
  warning: 'hyp-call',
  severity: 'warning',
  message: 'a call',
  place: null,
  function: null,
  inlinedFrom: [],
  object: 'a.o',
  notes: [],
  fixits,
  hyp: null,
});

const replace = (line: number, column: number, length: number, text: string): FixIt => ({
  file: 'a.h',
  start: { line, column },
  next: { line, column: column + length },
  text,
});

const lines = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}`);

const cases: readonly (readonly [title: string, before: string, fixits: readonly FixIt[], after: string])[] =
  [
    ['a change of the only line', 'line 1\n', [replace(1, 1, 4, 'LINE')], 'LINE 1\n'],
    [
      'a change where no newline is at the end',
      'line 1\nline 2',
      [replace(2, 1, 4, 'LINE')],
      'line 1\nLINE 2',
    ],
    [
      'a change in several hunks',
      `${lines(40).join('\n')}\n`,
      [2, 9, 17, 40].map((line) => replace(line, 1, 4, 'LINE')),
      `${lines(40)
        .map((line, index) => ([1, 8, 16, 39].includes(index) ? line.replace('line', 'LINE') : line))
        .join('\n')}\n`,
    ],
    [
      'a change at two places of a line, one given twice,',
      'a b c\n',
      [replace(1, 5, 1, 'CC'), replace(1, 1, 1, 'AA'), replace(1, 1, 1, 'AA')],
      'AA b CC\n',
    ],
    [
      'an insertion after a letter of two bytes',
      '\xc3\xbc static x\n',
      [replace(1, 10, 0, ' always')],
      '\xc3\xbc static always x\n',
    ],
    [
      'a change among bytes that are not UTF-8',
      '\xfc 1\n\xfc static x\n',
      [replace(2, 9, 0, ' always')],
      '\xfc 1\n\xfc static always x\n',
    ],
    [
      'a change of a line that ends in CR LF',
      'line 1\r\nline 2\r\n',
      [replace(1, 1, 4, 'LINE')],
      'LINE 1\r\nline 2\r\n',
    ],
  ];

for (const [title, before, fixits, after] of cases) {
  t.test(
    `${title} is written as by diff -u, and git applies it`,
    { skip: without('git', 'diff') },
    async (t) => {
      inFolder((folder) => {
        const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, 'latin1');
        write('a.h', before);
        write('b.h', after);
        const { text: patch } = patchOf(
          fixits.map((fixit) => diagnosticWith([fixit])),
          { text: () => before, treeName: () => 'a.h' },
        );
        const { stdout } = spawnSync('diff', ['-u', '--label', 'a/a.h', '--label', 'b/a.h', 'a.h', 'b.h'], {
          cwd: folder,
          encoding: 'latin1',
        });
        // diff omits a count of 1, as POSIX allows.
        t.equal(patch.replace(/^(@@ -\d+),1 (\+\d+),1 @@/gm, '$1 $2 @@'), stdout);
        write('change.patch', `noise before it\n${patch}`);
        run('git', ['apply', '--whitespace=nowarn', 'change.patch'], folder);
        t.equal(readFileSync(join(folder, 'a.h'), 'latin1'), after);
      });
    },
  );
}

t.test('without a change there is no patch', async (t) => {
  const none = { text: '', leftOut: [] };
  const edit = (fixits: readonly FixIt[], text: string | null) =>
    patchOf([diagnosticWith(fixits)], { text: () => text, treeName: (file) => file });
  t.same(edit([], 'x\n'), none);
  t.same(edit([replace(9, 1, 1, 'y')], 'x\n'), none);
  t.same(edit([replace(1, 1, 1, 'y')], null), none);
});

t.test('a file outside the tree, or with control characters near the change, is left out', async (t) => {
  const patchWith = (name: string, text: string) =>
    patchOf([diagnosticWith([replace(2, 1, 1, 'y')])], { text: () => text, treeName: () => name });
  for (const name of ['/etc/x.h', '../x.h', '..']) {
    t.same(patchWith(name, '\nx\n'), {
      text: '',
      leftOut: [`'${name}' is not in the patch: it lies outside the source tree`],
    });
  }
  const forged = [
    '\x1b[2J',
    '\x0c',
    'a\rb',
    '\x7f',
    '\x9b31m',
    '\xc2\x9b',
    '\xe2\x80\xae',
    '\xe2\x80\xa8',
    '\xd8\x9c',
  ];
  for (const line of forged) {
    const { text, leftOut } = patchWith('a.h', `${line}\nx\n`);
    t.equal(text, '', JSON.stringify(line));
    t.match(leftOut, [/^'a\.h' is not in the patch: it has control characters/]);
    t.not(patchWith('a.h', `\nx\n\n\n\n\n${line}\n`).text, '', 'lines beyond the context are not printed');
  }
  for (const line of ['\ta', 'a\r', '\xc3\xbc', '\xfc', '\xe2\x80\x99'])
    t.match(patchWith('a.h', `${line}\nx\n`), { leftOut: [], text: /^\+y$/m }, JSON.stringify(line));
});

t.test('file names are quoted as git quotes them', { skip: without('git') }, async (t) => {
  const names = [
    'a b.h',
    'a"b.h',
    'a\\b.h',
    'a\nb.h',
    'a\n+++ b.h',
    'a\tb.h',
    'ü.h',
    '\u202e.h',
    '\x1b[2J.h',
    '\x7f.h',
  ];
  for (const name of names) {
    const { text } = patchOf([diagnosticWith([replace(1, 1, 1, 'y')])], {
      text: () => 'x\n',
      treeName: () => name,
    });
    t.equal(text.split('\n').length, 6, JSON.stringify(name));
    inFolder((folder) => {
      writeFileSync(join(folder, name), 'x\n');
      writeFileSync(join(folder, 'change.patch'), text, 'latin1');
      run('git', ['apply', 'change.patch'], folder);
      t.equal(readFileSync(join(folder, name), 'utf8'), 'y\n', JSON.stringify(name));
    });
  }
});
