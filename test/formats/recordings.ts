// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What gcc 12 printed for fixtures/*.c (fixtures/record says how), and the same
// findings as our diagnostics. In the expected text, gcc's options are replaced by
// names of our warnings and `cc1:` by `hypcheck:`, and links to gcc's manual are left
// out; nothing else is changed.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type {
  Diagnostic,
  InlineFrame,
  Severity,
  SourcePlace,
  WarningName,
} from '../../lib/diagnostics/diagnostic.js';
import { quote } from '../../lib/diagnostics/diagnostic.js';
import { type FormatContext, type Outcome, reportPieces } from '../../lib/formats/formatter.js';

const version = spawnSync('aarch64-linux-gnu-gcc', ['-dumpversion'], { encoding: 'utf8' });

/** A reason to skip if the compiler that made the recordings is not installed. */
export const noGcc: string | false =
  version.error === undefined && version.stdout.trim() === '12' ? false : 'no gcc 12 for AArch64';

export const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

const optionNames: readonly (readonly [gcc: string, ours: WarningName])[] = [
  ['attribute-warning', 'hyp-call'],
  ['implicit-function-declaration', 'hyp-data'],
  ['nested-externs', 'hyp-write'],
  ['deprecated-declarations', 'hyp-section'],
];

/** A recording, with our names for gcc's. */
export const recording = (name: string): string =>
  optionNames
    .reduce(
      (text, [gcc, ours]) => text.replace(new RegExp(`(-W(?:error=)?)${gcc}`, 'g'), `$1${ours}`),
      fixture(name),
    )
    .replace(/^cc1: (?=\w+ warnings being)/gm, 'hypcheck: ')
    .replace(/"option_url": "[^"]*", /g, '');

export const sourceLine = (file: string, line: number): string | null => {
  if (!/^(?:attribute|identifier)\.c$/.test(file)) return null;
  return fixture(file).split('\n')[line - 1] ?? null;
};

/** The whole report. */
export const reportText = (...words: Parameters<typeof reportPieces>): string =>
  [...reportPieces(...words)].join('');

export const outcome = (warningsAsErrors: Outcome['warningsAsErrors'] = 'none'): Outcome => ({
  warningsAsErrors,
  status: 0,
  isWhole: true,
  leftOut: 0,
});

export const context = (changes: Partial<FormatContext> = {}): FormatContext => ({
  palette: null,
  typographicQuotes: false,
  showCaret: true,
  plain: false,
  explains: false,
  links: null,
  documentation: null,
  parseableFixits: false,
  sourceLine,
  fingerprintOf: () => '',
  run: { version: '1.2.3', inputs: [] },
  ...changes,
});

/** The place of the `occurrence`th `token` on a line, its column counted in bytes as DWARF counts. */
export const at = (file: string, line: number, token: string, occurrence = 1): SourcePlace => {
  const text = sourceLine(file, line) ?? '';
  let index = -1;
  for (let found = 0; found < occurrence; found += 1) index = text.indexOf(token, index + 1);
  if (index < 0) throw new Error(`no ${token} on line ${line} of ${file}`);
  return { file, line, column: Buffer.byteLength(text.slice(0, index)) + 1 };
};

export const diagnostic = (changes: Partial<Diagnostic>): Diagnostic => ({
  warning: 'hyp-call',
  severity: 'warning',
  message: '',
  place: null,
  function: null,
  inlinedFrom: [],
  object: 'vmlinux.o',
  notes: [],
  fixits: [],
  hyp: null,
  ...changes,
});

/** attribute.c: calls in inlined functions, and others. */
export const attributeFindings = (severity: Severity = 'warning'): readonly Diagnostic[] => {
  const file = 'attribute.c';
  const call = (place: SourcePlace, name: string, inlinedFrom: readonly InlineFrame[] = []): Diagnostic =>
    diagnostic({
      severity,
      message: `call to ${quote('far')} declared with attribute warning: text`,
      place,
      function: name,
      inlinedFrom,
    });
  const chain = (line: number): readonly InlineFrame[] => [
    { function: 'middle', ...at(file, 13, 'inner') },
    { function: 'chained', ...at(file, line, 'middle') },
  ];
  return [
    call(at(file, 18, 'far'), 'plain'),
    call(at(file, 19, 'far'), 'plain'),
    call(at(file, 8, 'far', 1), 'inner', chain(24)),
    call(at(file, 8, 'far', 2), 'inner', chain(24)),
    call(at(file, 25, 'far'), 'chained'),
    call(at(file, 8, 'far', 1), 'inner', chain(26)),
    call(at(file, 8, 'far', 2), 'inner', chain(26)),
  ];
};

const file = 'identifier.c';

/** Two warnings at one place: gcc shows the line once. */
const undeclared = (line: number, name: string, scope: string): readonly Diagnostic[] => [
  diagnostic({
    warning: 'hyp-data',
    message: `implicit declaration of function ${quote(name)}`,
    place: at(file, line, name),
    function: scope,
  }),
  diagnostic({
    warning: 'hyp-write',
    message: `nested extern declaration of ${quote(name)}`,
    place: at(file, line, name),
    function: scope,
  }),
];

const deprecated = (line: number, name: string, scope: string | null, declared: SourcePlace): Diagnostic =>
  diagnostic({
    warning: 'hyp-section',
    message: `${quote(name)} is deprecated`,
    place: { file, line, column: 1 },
    function: scope,
    notes: [{ message: 'declared here', place: declared }],
  });

/** identifier.c: lines with tabs, with wide and combining characters; notes; file scope. */
export const identifierFindings: readonly Diagnostic[] = [
  ...undeclared(7, 'quux', 'first'),
  ...undeclared(7, 'corge', 'first'),
  deprecated(10, 'old', null, at(file, 3, 'old')),
  ...undeclared(14, 'waldo', 'second'),
  ...undeclared(17, 'mystery', 'third'),
  deprecated(20, 'dated', 'fourth', at(file, 19, 'dated')),
  deprecated(20, 'd', 'fourth', at(file, 19, 'd ', 2)),
];
