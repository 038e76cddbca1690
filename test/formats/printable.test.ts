// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names in the input cannot forge a log: every code point that drives a terminal or
// ends a line is tried in every field, with every output format and message of main.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Diagnostic, type FixIt, quote } from '../../lib/diagnostics/diagnostic.js';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { defaultPalette } from '../../lib/formats/colors.js';
import { loadFormat } from '../../lib/formats/formats.js';
import type { FormatContext } from '../../lib/formats/formatter.js';
import { json } from '../../lib/formats/json.js';
import { formatNames } from '../../lib/formats/names.js';
import { patchOf } from '../../lib/formats/patch.js';
import { printable } from '../../lib/formats/printable.js';
import { buildObject, code } from '../support/object-builder.js';
import { type Outcome, runMain } from '../support/run-main.js';
import { context, diagnostic, outcome, reportText } from './recordings.js';

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** C0, DEL, C1, the marks of bidirectional text, line and paragraph separators. */
const codePoints: readonly number[] = [
  ...range(0, 0x1f),
  ...range(0x7f, 0x9f),
  0x61c,
  0x200e,
  0x200f,
  ...range(0x2028, 0x202e),
  ...range(0x2066, 0x2069),
];
const characters = codePoints.map((code) => String.fromCodePoint(code));

/** Which of these characters are in a text; not line ends, which the format itself prints: they are counted. */
const forgeries = (text: string): readonly string[] =>
  characters.filter((character) => character !== '\n' && text.includes(character));

const linesIn = (text: string): number => text.split('\n').length;

t.test('control characters are spelt out as in gcc: <U+001B>', async (t) => {
  for (const [index, character] of characters.entries()) {
    const code = (codePoints[index] ?? 0).toString(16).toUpperCase().padStart(4, '0');
    t.equal(printable(`a${character}b`), `a<U+${code}>b`);
  }
  t.equal(printable('\ud800'), '<U+D800>');
  t.equal(printable('aäß→日本🚀\u200d\ufffd\u00ad'), 'aäß→日本🚀\u200d\ufffd\u00ad');
});

/** Diagnostics with a text in each of their fields. */
const filledWith = (text: string): readonly Diagnostic[] => {
  const place = { file: `${text}.c`, line: 1, column: 1 };
  const point = { line: 1, column: 2 };
  const frame = { function: `inlined${text}`, ...place };
  const end = { symbol: `symbol${text}`, section: `.section${text}`, offset: 4, symbolOffset: 4 };
  const fixits: readonly FixIt[] = [
    { file: place.file, start: point, next: point, text: `fix${text}` },
    { file: `other${text}`, start: { line: 7, column: 1 }, next: { line: 7, column: 3 }, text },
  ];
  const full = diagnostic({
    message: `call to ${quote(`far${text}`)} (section ${quote(`.text${text}`)})`,
    place,
    function: `function${text}`,
    inlinedFrom: [frame],
    object: `object${text}.o`,
    notes: [
      { message: `note ${quote(text)}`, place: { ...place, line: 2 } },
      {
        message: `note${text}`,
        place: { object: `object${text}`, section: `.section${text}`, offset: 1 },
      },
      { message: text, place: null },
    ],
    fixits,
    hyp: {
      object: `object${text}`,
      from: end,
      to: end,
      relocation: `RELOCATION${text}`,
      access: 'call',
      reach: 'live',
      inlined: [frame],
      callers: [],
      relocations: [{ section: `.section${text}`, offset: 4, type: text }],
    },
  });
  return [
    full,
    { ...full, severity: 'note', warning: null, place: null, inlinedFrom: [] },
    { ...full, hyp: null },
  ];
};

const ways: Readonly<Record<string, Partial<FormatContext>>> = {
  plain: { plain: true },
  usual: {},
  'with fix-its': { parseableFixits: true, typographicQuotes: true },
  coloured: { palette: defaultPalette },
};

/** A text without what paint() writes. */
const withoutColors = (text: string): string =>
  Object.values(defaultPalette)
    .reduce((rest, parameters) => rest.replaceAll(`\x1b[${parameters}m\x1b[K`, ''), text)
    .replaceAll('\x1b[m\x1b[K', '');

t.test('no output format prints a control character, whatever field it is in', async (t) => {
  for (const name of formatNames) {
    const formatter = await loadFormat(name);
    for (const [way, changes] of Object.entries(ways)) {
      const print = (text: string): string =>
        reportText(
          formatter,
          filledWith(text),
          outcome('some'),
          context({ ...changes, sourceLine: () => `\tsource ${text} line ${text}` }),
        );
      const harmless = linesIn(print('x'));
      for (const character of characters) {
        const text = withoutColors(print(character));
        t.same(forgeries(text), [], `${name}, ${way}`);
        t.equal(linesIn(text), harmless, `${name}, ${way}: U+${character.codePointAt(0)?.toString(16)}`);
      }
    }
  }
});

t.test('names are unchanged once JSON is parsed', async (t) => {
  const name = `a${characters.join('')}b`;
  const text = reportText(json, filledWith(name), outcome(), context());
  const [first] = JSON.parse(text);
  t.equal(first.hyp.from.symbol, `symbol${name}`);
  t.equal(first.locations[0].caret.file, `${name}.c`);
});

t.test('a patch quotes file names, and leaves out lines with control characters', async (t) => {
  for (const character of characters) {
    const fixits = [{ file: 'a.h', start: { line: 1, column: 1 }, next: { line: 1, column: 2 }, text: 'y' }];
    const patch = (name: string, source: string): string =>
      patchOf([diagnostic({ fixits })], { text: () => source, treeName: () => name }).text;
    const bytes = Buffer.from(character).toString('latin1');
    t.same(forgeries(patch(`a${character}b.h`, 'x\n')), []);
    t.equal(linesIn(patch(`a${character}b.h`, 'x\n')), 6);
    if (character !== '\n' && character !== '\t') t.equal(patch('a.h', `x\n${bytes}z\n`), '');
  }
});

// For the program: no argument can hold a NUL, and it ends every name in an object.
const forged = characters.filter((character) => character !== '\0').join('');

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-printable-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const name = (text: string): string => `${text}${forged}`;

const call = (to: string) => ({ word: 0x94000000, relocation: { type: 283, to } });
/** An object with such names: of hyp and host functions, of a section, of an undefined symbol. */
const forgedObject = buildObject({
  sections: [
    {
      name: '.hyp.text',
      flags: code,
      items: [
        { label: name('f'), type: STT.FUNC, binding: STB.GLOBAL },
        call(name('host')),
        call(name('missing')),
        0xd65f03c0,
        { end: name('f') },
      ],
    },
    {
      name: name('.text'),
      flags: code,
      items: [{ label: name('host'), type: STT.FUNC, binding: STB.GLOBAL }, 0xd65f03c0],
    },
    { name: '.rodata', items: [{ quad: 0n, relocation: { type: 257, to: name('f') } }] },
  ],
});

const object = name('object').replaceAll('/', '');
writeFileSync(join(folder, `${object}.o`), forgedObject);
writeFileSync(join(folder, 'plain.o'), forgedObject);
writeFileSync(join(folder, `${object}.list`), `hyp-call f\n${forged}\nhyp-data a b ${forged}\n`);
writeFileSync(join(folder, `${object}.stale`), 'hyp-data nobody nothing a reason\n');
writeFileSync(join(folder, 'response'), `'--no-such-${forged}'`);
writeFileSync(join(folder, 'text.o'), `this is ${forged}`);
const member = Buffer.from(`${forged.replaceAll('\n', '')}/\n`);
const header = (text: string, size: number): string =>
  `${text.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
const padded = Buffer.concat([member, Buffer.alloc(member.length % 2)]);
writeFileSync(
  join(folder, 'thin.a'),
  Buffer.concat([
    Buffer.from(`!<thin>\n${header('//', member.length)}`),
    padded,
    Buffer.from(header('/0', 4)),
  ]),
);
writeFileSync(
  join(folder, 'fat.a'),
  Buffer.concat([
    Buffer.from(`!<arch>\n${header('//', member.length)}`),
    padded,
    Buffer.from(`${header('/0', 4)}text${header('a\x1b\u0085/', 4)}`, 'latin1'),
  ]),
);
mkdirSync(join(folder, object));

const isSilent = ({ stdout, stderr, written }: Outcome): boolean =>
  stdout + stderr + [...written.values()].join('') === '';

const commands: readonly (readonly string[])[] = [
  ...formatNames.flatMap((form) => [
    [`-fdiagnostics-format=${form}`, `${object}.o`],
    [`-fdiagnostics-format=${form}`, '--references', '--vhe=unknown', `${object}.o`],
    [`-fdiagnostics-format=${form}`, '-o', object, '-Wextra', '-Whyp-vhe-only', `${object}.o`],
    [`-fdiagnostics-format=${form}`, `missing${forged}.o`, 'text.o', 'thin.a', 'fat.a', object],
  ]),
  ['-fdiagnostics-plain-output', `${object}.o`],
  ['-fdiagnostics-parseable-fixits', '-fdiagnostics-generate-patch', '--whole', `${object}.o`],
  ['-fdiagnostics-color=always', '--whole', `${object}.o`],
  ['-v', '--stats', '--build', object, `${object}.o`],
  ['-v', '--stats', `${object}.o`, 'plain.o'],
  ['--build', `none${forged}`],
  ['--build', object],
  ['--protected', `${object}.o`],
  ['--source', `none${forged}`, 'plain.o'],
  ['--suppressions', `${object}.list`, 'plain.o'],
  ['--suppressions', `${object}.stale`, 'plain.o'],
  ['--suppressions', `none${forged}`, 'plain.o'],
  [`--no-such-${forged}`],
  [`-x${forged}`],
  [`-W${forged}`],
  [`-Werror=${forged}`],
  [`-fdiagnostics-format=${forged}`],
  [`-fdiagnostics-color=${forged}`],
  [`--vhe=${forged}`],
  [`--vhe-cap=${forged}`],
  ['--explain', forged],
  ['@response'],
];

const hold = (t: Test, argv: readonly string[], done: Outcome): void => {
  const title = printable(argv.join(' '));
  const text = done.stdout + done.stderr + [...done.written.values()].join('');
  t.same(forgeries(withoutColors(text)), [], title);
  // A forged line would begin with \v, which follows \n in the names.
  t.notOk(text.includes('\n\v'), title);
  t.notOk(isSilent(done), title);
};

t.test('no message of the program prints a control character', async (t) => {
  for (const argv of commands) hold(t, argv, await runMain(argv, { directory: folder }));
  hold(t, ['-o'], await runMain(['-o', name('out'), 'plain.o'], { directory: folder, readOnly: true }));
});
