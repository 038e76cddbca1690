// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Columns and marks on a line of source. text.test.ts compares whole outputs with gcc.

import { spawnSync } from 'node:child_process';
import t from 'tap';
import { displayColumn, drawSourceLine } from '../../lib/formats/source-line.js';
import { noGcc } from './recordings.js';

/** The line and its marks as printed; `column` counts bytes from 1. */
const drawn = (line: string, column: number, file = 'a.c'): readonly string[] => {
  const { before, marked, after, indent, width } = drawSourceLine(line, column, file);
  return [before + marked + after, ' '.repeat(indent) + '^'.repeat(width)];
};

t.test('a C identifier is marked whole, anything else by one mark', async (t) => {
  for (const [line, column, marks] of [
    ['x = _far(1);', 5, '    ^^^^'],
    ['x = a1$b(1);', 5, '    ^^^^'],
    ['x = far2->b;', 9, '        ^'],
    ['x = 42;', 5, '    ^'],
    ['x = größe;', 5, '    ^^^^^'],
    ['x = y;', 7, '      ^'],
    ['x = y;', 8, ''],
    ['x = y;', 0, ''],
    ['', 1, '^'],
    ['/* é */ z', 10, '        ^'],
    ['"日本" z', 2, ' ^^^^'],
    ['「日」 z', 1, '^^'],
  ] as const)
    t.same(drawn(line, column), [line, marks], `${line} at ${column}`);
});

t.test('in assembly a mnemonic is marked with its suffix', async (t) => {
  t.same(drawn('\tb.eq\t.Lexit', 2, 'entry.S'), ['        b.eq    .Lexit', '        ^^^^']);
  t.same(drawn('\tb.eq\t.Lexit', 7, 'entry.s'), ['        b.eq    .Lexit', '                ^^^^^^']);
  t.same(drawn('\tbl\tfar, #1', 10, 'entry.S'), ['        bl      far, #1', '                     ^']);
});

t.test(
  'tabs become spaces, trailing white space is removed, a byte that is not UTF-8 counts one',
  async (t) => {
    t.same(drawn('a\tb\t \r', 3), ['a       b', '        ^']);
    t.same(drawn('/* K\ufffdnig */ far();', 13), ['/* K\ufffdnig */ far();', '            ^^^']);
  },
);

t.test('control characters are spelt out, and the marks follow', async (t) => {
  t.same(drawn('a\u001b[31m\tfar()', 8), ['a<U+001B>[31m   far()', '                ^^^']);
  t.same(drawn('/*\u202e*/ far()', 9), ['/*<U+202E>*/ far()', '             ^^^']);
  t.same(drawn('a\u0000b', 2), ['a<U+0000>b', ' ^^^^^^^^']);
});

t.test('past the end of the line a byte is a column', async (t) => {
  t.equal(displayColumn('\tab', 2), 9);
  t.equal(displayColumn('\tab', 4), 11);
  t.equal(displayColumn('\tab', 10), 17);
  t.equal(displayColumn('', 1), 1);
});

const widths =
  'aäß→…’日本語ひらカナ한글「」!ａ￥☕⚡✓★🚀🇩\u0301\u200b\u200d\ufeffـ\u0e31กअ\u0902ᄀ\u1161䷀㉈𠀀\u00ad';

t.test('display columns are those of gcc 12', { skip: noGcc }, async (t) => {
  const lines = Array.from(widths, (character, index) => `/*\t${character}*/ undeclared_${index}();`);
  const directory = t.testdir({ 'widths.c': `void f(void) {\n${lines.join('\n')}\n}\n` });
  const gcc = spawnSync(
    'aarch64-linux-gnu-gcc',
    ['-fsyntax-only', '-fdiagnostics-format=json', '-fno-diagnostics-show-caret', 'widths.c'],
    { cwd: directory, encoding: 'utf8' },
  );
  const columns = Array.from(
    gcc.stderr.matchAll(/"caret": \{"byte-column": (\d+), "display-column": (\d+), "line": (\d+)/g),
    ([, byte, display, line]) => ({ byte: Number(byte), display: Number(display), line: Number(line) - 2 }),
  );
  t.equal(columns.length, lines.length);
  for (const { byte, display, line } of columns) {
    const text = lines[line] ?? '';
    t.equal(displayColumn(text, byte), display, text);
  }
});
