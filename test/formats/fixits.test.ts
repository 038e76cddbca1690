// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Fix-its in text output, as gcc 12 printed them for
//
//     struct s { int color; };
//     int g(struct s *p) {	return p->colour; }
//
// with -fdiagnostics-parseable-fixits, except for gcc's "error:" and our [-Whyp-call].

import t from 'tap';
import type { Diagnostic } from '../../lib/diagnostics/diagnostic.js';
import { defaultPalette } from '../../lib/formats/colors.js';
import { text } from '../../lib/formats/text.js';
import { context } from './recordings.js';

const lines = ['struct s { int color; };', 'int g(struct s *p) {\treturn p->colour; }'];
const place = { file: 'w.c', line: 2, column: 32 };

const diagnostic: Diagnostic = {
  warning: 'hyp-call',
  severity: 'warning',
  message: '‘struct s’ has no member named ‘colour’; did you mean ‘color’?',
  place,
  function: null,
  inlinedFrom: [],
  object: 'w.o',
  notes: [],
  fixits: [{ file: 'w.c', start: { line: 2, column: 32 }, next: { line: 2, column: 38 }, text: 'color' }],
  hyp: null,
};

const own = context({
  parseableFixits: true,
  sourceLine: (file, line) => (file === 'w.c' ? (lines[line - 1] ?? null) : null),
});
const body = (one: Diagnostic, more = own): string =>
  text.result(one, null, more).replace(/^.*top level:\n/i, '');

t.test('the new text is printed below the old, and as a fix-it line', async (t) => {
  t.equal(
    body(diagnostic),
    `w.c:2:35: warning: 'struct s' has no member named 'colour'; did you mean 'color'? [-Whyp-call]
    2 | int g(struct s *p) {    return p->colour; }
      |                                   ^~~~~~
      |                                   color
fix-it:"w.c":{2:32-2:38}:"color"
`,
  );
});

t.test('what is replaced is underlined if the caret is elsewhere', async (t) => {
  // As g++ 12 printed it for the same place and another caret (-Wold-style-cast).
  const printed = body({ ...diagnostic, place: { ...place, column: 22 } });
  t.equal(
    printed.split('\n').slice(1, -2).join('\n'),
    `    2 | int g(struct s *p) {    return p->colour; }
      |                         ^~~~~~
      |                                   ------
      |                                   color`,
  );
});

t.test('the fix-it line is escaped as in gcc', async (t) => {
  const [fix] = diagnostic.fixits;
  if (!fix) throw new Error('the diagnostic has no fix-it');
  const printed = body({ ...diagnostic, fixits: [{ ...fix, file: 'a"é\t\\.c' }] });
  // gcc 12: fix-it:"a\"\303\251 b.c":{4:24-4:30}:"color"
  t.ok(printed.endsWith('fix-it:"a\\"\\303\\251\\t\\\\.c":{2:32-2:38}:"color"\n'), printed);
});

t.test('a fix-it on another line than the one shown is printed as a fix-it line only', async (t) => {
  const [fix] = diagnostic.fixits;
  if (!fix) throw new Error('the diagnostic has no fix-it');
  const other = { ...fix, start: { line: 1, column: 16 }, next: { line: 1, column: 21 }, text: 'colour' };
  const printed = body({ ...diagnostic, fixits: [other] });
  t.notMatch(printed, /\n +\| +colou?r\n/);
  t.ok(printed.endsWith('fix-it:"w.c":{1:16-1:21}:"colour"\n'));
});

t.test('a fix-it is drawn below the message or note that shows its line', async (t) => {
  const printed = body({
    ...diagnostic,
    place: { file: 'w.c', line: 1, column: 8 },
    notes: [{ message: 'used here', place }],
  });
  t.ok(printed.indexOf('| ') < printed.indexOf('used here'));
  t.ok(printed.indexOf('used here') < printed.indexOf(' color\n'));
});

t.test('without the option there is no fix-it line, in plain output no drawing', async (t) => {
  t.notMatch(body(diagnostic, { ...own, parseableFixits: false }), /fix-it:/);
  const plain = body(diagnostic, { ...own, plain: true });
  t.equal(plain.split('\n').length, 3);
  t.match(plain, /\nfix-it:"w\.c":\{2:32-2:38\}:"color"\n$/);
});

t.test('the new text is green, as in gcc', async (t) => {
  t.match(body(diagnostic, { ...own, palette: defaultPalette }), '\u001b[32m\u001b[Kcolor\u001b[m\u001b[K');
});
