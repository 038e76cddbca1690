// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All output formats of one run: they have the same findings; they are the same bytes
// from run to run and from folder to folder; and they contain no absolute path and
// no time.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from 'sarif';
import t from 'tap';
import { reportNames } from '../lib/formats/names.js';
import { readLogLine } from './support/csgrep.js';
import { type Outcome, runMain } from './support/run-main.js';

/** Samples that have findings with and without lines, inlined, with fix-its, and what could not be judged. */
const runs: readonly (readonly string[])[] = [
  ['--whole', '-Wextra', 'hyp-text/call-helper.o'],
  ['-Wextra', '-Whyp-vhe-only', '--vhe-cap=11', '--whole', 'flow/keys.gcc-O2-keys0.o'],
  ['--build', 'nvhe/aliases-build'],
  ['--whole', 'hyp-text/call-helper.o', 'nvhe/aliases-build/vmlinux.o', 'no-such-file.o'],
];

const reports = [
  '--report',
  'sarif=r.sarif',
  '--report',
  'gitlab=r.gitlab',
  '--report',
  'json=r.json',
  '--report',
  'html=r.html',
];

/** A copy of the samples elsewhere. */
const copyOfSamples = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-reports-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const place = join(folder, name, 'test/samples');
  mkdirSync(place, { recursive: true });
  cpSync('test/samples', place, { recursive: true });
  return place;
};

const here = join(process.cwd(), 'test/samples');
const elsewhere = copyOfSamples('deeper/with a blank');

const run = (words: readonly string[], directory: string): Promise<Outcome> =>
  runMain([...words, ...reports], { directory });

/** What every format has of a finding. */
interface Told {
  readonly warning: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const plain = (text: string): readonly Told[] =>
  text.split('\n').flatMap((line) => {
    const [, file = '', number = '1', message = '', warning = ''] =
      /^([^:]+)(?::(\d+))?(?::\d+)?: (?:warning|error): (.*) \[-W(?:error=)?([\w-]+)\]$/.exec(line) ?? [];
    return warning === ''
      ? []
      : [{ warning, file: file.replace(/^\.\//, ''), line: Number(number), message }];
  });

const fromJson = (text: string): readonly Told[] =>
  JSON.parse(text).map(
    (one: { option: string; message: string; locations: [{ caret: Told }?]; hyp?: { object: string } }) => ({
      warning: one.option.slice(2),
      file: one.locations[0]?.caret.file ?? null,
      line: one.locations[0]?.caret.line ?? 1,
      message: one.message,
    }),
  );

const fromGitlab = (text: string): readonly Told[] =>
  JSON.parse(text).map(
    (one: {
      check_name: string;
      description: string;
      location: { path: string; lines: { begin: number } };
    }) => ({
      warning: one.check_name,
      file: one.location.path,
      line: one.location.lines.begin,
      message: one.description,
    }),
  );

const fromSarif = (text: string): readonly Told[] => {
  const log: Log = JSON.parse(text);
  return (log.runs[0]?.results ?? []).map((one) => {
    const place = one.locations?.[0]?.physicalLocation;
    return {
      warning: one.ruleId ?? '',
      file: decodeURI(place?.artifactLocation?.uri ?? ''),
      line: place?.region?.startLine ?? 1,
      message: one.message.text?.split('\n')[0]?.replace(/\.$/, '') ?? '',
    };
  });
};

const unescaped = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** In the order of the page: by file, and helpers after the other findings. */
const fromHtml = (text: string): readonly Told[] =>
  [
    ...text.matchAll(
      /<article [^>]*data-warning="([\w-]+)" data-file="([^"]*)">\n<h4><span class="place">(?:(\d+)[^<]*|[^<]*)<\/span> (.*) <a /g,
    ),
  ].map(([, warning = '', file = '', line = '1', message = '']) => ({
    warning,
    file: unescaped(file),
    line: Number(line),
    message: unescaped(message.replaceAll('<code>', "'").replaceAll('</code>', "'")),
  }));

const inOrder = (told: readonly Told[]): readonly string[] => told.map((one) => JSON.stringify(one)).sort();

for (const words of runs) {
  t.test(`${words.join(' ')}: all reports have the same findings, from run to run`, async (t) => {
    const first = await run([...words, '-fdiagnostics-plain-output'], here);
    const { written } = first;
    const told = plain(first.stderr);
    t.not(told.length, 0, 'the sample has findings');

    t.same(fromGitlab(written.get('r.gitlab') ?? ''), told, 'gitlab');
    t.same(fromSarif(written.get('r.sarif') ?? ''), told, 'sarif');
    const json = fromJson(written.get('r.json') ?? '').map((one, index) => ({
      ...one,
      // gcc's JSON cannot name an object as the place.
      file: one.file ?? told[index]?.file ?? '',
    }));
    t.same(json, told, 'json');
    t.same(inOrder(fromHtml(written.get('r.html') ?? '')), inOrder(told), 'html');

    const strict = await run([...words, '-fdiagnostics-plain-output', '-E'], here);
    for (const line of strict.stderr.split('\n')) t.not(readLogLine(line).kind, 'invalid', `csgrep: ${line}`);

    const fingerprints: readonly string[] = JSON.parse(written.get('r.gitlab') ?? '').map(
      (one: { fingerprint: string }) => one.fingerprint,
    );
    t.equal(new Set(fingerprints).size, fingerprints.length, 'each has a fingerprint of its own');

    const again = await run(words, here);
    const other = await run(words, elsewhere);
    const absolute = await runMain(
      [...words.map((word) => (word.includes('/') ? join(elsewhere, word) : word)), ...reports],
      {
        directory: elsewhere,
      },
    );
    for (const [file, text] of written) {
      t.equal(again.written.get(file), text, `${file} of a second run`);
      t.equal(other.written.get(file), text, `${file} in another folder`);
      t.equal(absolute.written.get(file), text, `${file} of absolute names`);
      t.notMatch(text, /"\/(?!>)|:\\*\/\/\/|\/tmp|\/home|hypcheck-reports/, `${file} holds no absolute path`);
      t.notMatch(text, /\b20\d\d-\d\d-\d\d\b|\d\d:\d\d:\d\d/, `${file} holds no time`);
    }
    t.equal(written.size, reportNames.length);
  });
}

t.test('a run without findings writes its reports, too', async (t) => {
  const { status, stderr, written } = await run(['nvhe/aliases-build/vmlinux.o', '-w'], here);
  t.equal(status, 0);
  t.equal(stderr, '');
  t.same(fromGitlab(written.get('r.gitlab') ?? ''), []);
  t.same(fromSarif(written.get('r.sarif') ?? ''), []);
  t.match(written.get('r.html'), /Nothing was found that EL2 does not map/);
});

t.test('readLogLine() tells the lines that csgrep knows from others', async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ["In function 'f',", 'invalid'],
    ["    inlined from 'g' at a.c:1:2:", 'invalid'],
    ['vmlinux.o:(.hyp.text+0x1c): warning: bad', 'invalid'],
    ['fix-it:"a.c":{1:1-1:2}:"x"', 'invalid'],
    ['a.c:120:9: warning: bad [-Whyp-call]', 'message'],
    ['vmlinux.o(.hyp.text+0x68): note: in the object', 'message'],
    ["a.c: In function 'f':", 'scope'],
    ['  284 |         return 0;', 'sidebar'],
    ['      |         ^~~~', 'sidebar'],
  ];
  for (const [line, kind] of rows) t.equal(readLogLine(line).kind, kind, line);
});
