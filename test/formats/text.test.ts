// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Text output against bytes that gcc 12 printed, and what gcc has nothing like.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type Diagnostic, quote } from '../../lib/diagnostics/diagnostic.js';
import { defaultPalette, parseGccColors } from '../../lib/formats/colors.js';
import type { FormatContext, Outcome } from '../../lib/formats/formatter.js';
import { text } from '../../lib/formats/text.js';
import {
  at,
  attributeFindings,
  context,
  diagnostic,
  fixture,
  identifierFindings,
  noGcc,
  outcome,
  recording,
  reportText,
} from './recordings.js';

const print = (
  diagnostics: readonly Diagnostic[],
  changes: Partial<FormatContext> = {},
  warningsAsErrors: Outcome['warningsAsErrors'] = 'none',
): string => reportText(text, diagnostics, outcome(warningsAsErrors), context(changes));

const noCaret = { showCaret: false };
const typographicQuotes = true;
const palette = defaultPalette;

t.test('text output has the bytes that gcc prints', async (t) => {
  t.equal(print(attributeFindings(), { ...noCaret, typographicQuotes }), recording('attribute.txt'));
  t.equal(
    print(attributeFindings(), { ...noCaret, typographicQuotes, palette }),
    recording('attribute-color.txt'),
  );
  t.equal(
    print(attributeFindings('error'), { ...noCaret, palette }, 'all'),
    recording('attribute-werror-color.txt'),
  );
  t.equal(print(attributeFindings('error'), noCaret, 'some'), recording('attribute-werror-one.txt'));
  t.equal(print(identifierFindings), recording('identifier.txt'));
  t.equal(print(identifierFindings, { typographicQuotes, palette }), recording('identifier-color.txt'));
  const own = parseGccColors('note=04;32:unknown=1:locus=:quote=35:warning=x:error=36');
  t.equal(print(identifierFindings, { palette: own }), recording('identifier-own-colors.txt'));
});

t.test('the margin is widened for long line numbers as in gcc', async (t) => {
  const lines: Readonly<Record<number, string>> = {
    1: 'int old(void);',
    1234567: 'int deep(int a) { return old(a); }',
  };
  const deep = diagnostic({
    severity: 'error',
    message: `too many arguments to function ${quote('old')}`,
    place: { file: 'deep.c', line: 1234567, column: 26 },
    function: 'deep',
    notes: [{ message: 'declared here', place: { file: 'deep.c', line: 1, column: 5 } }],
  });
  // gcc's own errors carry no option.
  const printed = print([deep], { sourceLine: (_, line) => lines[line] ?? null });
  t.equal(printed.replace(' [-Werror=hyp-call]', ''), fixture('deep.txt'));
});

t.test('the recordings are what the installed gcc 12 prints', { skip: noGcc }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hypcheck-record-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  execFileSync(fileURLToPath(new URL('fixtures/record', import.meta.url)), [directory]);
  const recorded = readdirSync(directory);
  t.equal(recorded.length, 9);
  for (const name of recorded) t.equal(readFileSync(join(directory, name), 'utf8'), fixture(name), name);
});

const inlined = diagnostic({
  message: `call to ${quote('far')} (section ${quote('.text')})`,
  place: at('attribute.c', 8, 'far'),
  function: 'inner',
  inlinedFrom: [
    { function: 'middle', ...at('attribute.c', 13, 'inner') },
    { function: 'chained', file: '', line: 0, column: 0 },
  ],
  notes: [
    { message: 'in the object', place: { object: 'vmlinux.o', section: '.hyp.text', offset: 0x68 } },
    { message: `mark ${quote('far')} __always_inline`, place: null },
  ],
});

t.test('a note may have a place in the object, or none', async (t) => {
  t.equal(
    print([inlined]),
    `In function 'inner',
    inlined from 'middle' at attribute.c:13:15,
    inlined from 'chained':
attribute.c:8:9: warning: call to 'far' (section '.text') [-Whyp-call]
    8 |         far(x); far(x + 1);
      |         ^~~
vmlinux.o(.hyp.text+0x68): note: in the object
hypcheck: note: mark 'far' __always_inline
`,
  );
});

t.test('plain output has one line for each message, whatever else is asked for', async (t) => {
  const other = diagnostic({ message: 'other', place: at('attribute.c', 8, 'far', 2), function: 'inner' });
  const printed = print([inlined, other], { plain: true, palette, typographicQuotes });
  t.equal(
    printed,
    `attribute.c: In function 'inner':
attribute.c:8:9: warning: call to 'far' (section '.text') [-Whyp-call]
attribute.c:13:25: note: inlined from 'middle'
hypcheck: note: inlined from 'chained'
vmlinux.o(.hyp.text+0x68): note: in the object
hypcheck: note: mark 'far' __always_inline
attribute.c:8:17: warning: other [-Whyp-call]
`,
  );
  // The two forms of line that csgrep's gcc reader knows: a scope, a message.
  const location = /^[^ #:"][^:"]+(?::\d+)?(?::\d+)?: (?:[A-Z].+:|(?:warning|note): .*)$/;
  for (const line of printed.trimEnd().split('\n')) t.match(line, location);
});

t.test('without a line the message begins with the object, and no function is named before it', async (t) => {
  const bare = diagnostic({ message: 'call', object: 'tlb.o', function: '__tlb_switch_to_guest' });
  t.equal(print([inlined, bare]).split('\n').at(-2), 'tlb.o: warning: call [-Whyp-call]');
  t.equal(print([bare]), 'tlb.o: warning: call [-Whyp-call]\n');
});

t.test('an entry of --references is a note without an option', async (t) => {
  const place = { file: 'attribute.c', line: 18, column: 2 };
  const fine = diagnostic({ severity: 'note', warning: null, message: `read of ${quote('x')}`, place });
  t.equal(print([fine], noCaret), "attribute.c:18:9: note: read of 'x'\n");
});

t.test('a place without a column shows its line unmarked', async (t) => {
  const place = { file: 'attribute.c', line: 4, column: 0 };
  t.equal(
    print([diagnostic({ message: 'm', place })]),
    'attribute.c:4: warning: m [-Whyp-call]\n    4 | int near(int);\n',
  );
});

t.test('if the source cannot be read, the byte column is printed and no line', async (t) => {
  const place = { file: 'gone.c', line: 4, column: 7 };
  t.equal(print([diagnostic({ message: 'm', place })]), 'gone.c:4:7: warning: m [-Whyp-call]\n');
});

t.test('the same line is shown again in another inlined copy', async (t) => {
  const [, , first, , , again] = attributeFindings();
  t.ok(first !== undefined && again !== undefined);
  if (first === undefined || again === undefined) return;
  t.equal(print([first, again]).match(/\^~~/g)?.length, 2);
  t.equal(print([first, { ...first, message: 'second' }]).match(/\^~~/g)?.length, 1);
});

t.test('names in the input cannot drive the terminal or forge a line', async (t) => {
  const hostile = diagnostic({
    message: `call to ${quote('a\u001b[2J\nb.c:1: error: no')}`,
    place: { file: 'a\u0007.c', line: 1, column: 0 },
    function: 'f\r',
    notes: [{ message: 'in the object', place: { object: 'o\n', section: '.t\u202e', offset: 1 } }],
  });
  t.equal(
    print([hostile]),
    `a<U+0007>.c: In function 'f<U+000D>':
a<U+0007>.c:1: warning: call to 'a<U+001B>[2J<U+000A>b.c:1: error: no' [-Whyp-call]
o<U+000A>(.t<U+202E>+0x1): note: in the object
`,
  );
});

t.test('advice is printed once for the findings of one function', async (t) => {
  const note = { message: 'leave the work to the host', place: null, isAdvice: true } as const;
  const from = { symbol: 'f', section: '.hyp.text', offset: 0, symbolOffset: 0 };
  const facts = {
    object: 'vmlinux.o',
    from,
    to: null,
    relocation: null,
    access: null,
    reach: 'live',
    inlined: [],
    callers: [],
    relocations: [],
  } as const;
  const first = diagnostic({ notes: [note], hyp: facts });
  const count = (next: Partial<Diagnostic>, changes = {}): number =>
    print([first, { ...first, ...next }], changes).split(note.message).length - 1;
  t.equal(count({}), 1);
  t.equal(count({ hyp: { ...facts, from: { ...from, symbol: 'g' } } }), 2, 'another function');
  const nameless = { ...first, hyp: { ...facts, from: { ...from, symbol: null } } };
  t.equal(
    print([nameless, nameless]).split(note.message).length - 1,
    2,
    'functions without a symbol, perhaps different ones',
  );
  t.equal(count({ notes: [{ ...note, message: `${note.message} or not` }] }), 2, 'other advice');
  t.equal(count({}, { plain: true }), 2, 'in plain output each finding stands by itself');
});

t.test('the first finding is followed by a hint to --explain, if that is asked for', async (t) => {
  const first = diagnostic({ message: 'm' });
  const note = "hypcheck: note: '--explain hyp-call' says what this means and when to suppress it\n";
  t.equal(print([first, first], { explains: true }).split(note).length, 2, 'once');
  t.ok(print([first], { explains: true }).endsWith(note), 'after all else');
  t.notMatch(print([first], {}), /--explain/);
  t.notMatch(print([first], { explains: true, plain: true }), /--explain/, 'not in plain output');
  t.notMatch(print([diagnostic({ warning: null, severity: 'note' })], { explains: true }), /--explain/);
});
