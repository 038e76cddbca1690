// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs the whole program on a thousand mutants of the samples, and tests the harness
// that judges the outcomes. `mutate` beside this file runs more mutants.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import t from 'tap';
import { buildObject, code, type ObjectPlan } from '../support/object-builder.js';
import { inFolder, runOn, without } from '../support/tools.js';
import { headersOf, relocationsOf, SHDR_SIZE, symbolsOf, TYPES, viewOf } from './elf-layout.js';
import { factsOf, fateOf, type Known } from './facts.js';
import { Nursery } from './mutant.js';
import { Trial } from './trial.js';
import { wrongIn } from './wrong.js';

const root = join(import.meta.dirname, '../..');
const MUTANTS = Number(process.env.HYPCHECK_MUTANTS ?? 1000);

t.test(
  'on mutants the program does not crash, hang, use much memory or lose a finding without a message',
  { timeout: 600_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hypcheck-campaign-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const program = join(folder, 'campaign.cjs');
    buildSync({
      entryPoints: [join(root, 'test/mutation/campaign.ts')],
      ...{ bundle: true, platform: 'node', format: 'cjs', outfile: program, logLevel: 'warning' },
    });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, '--count', String(MUTANTS), '--seed', process.env.HYPCHECK_SEED ?? '20260401'],
      { encoding: 'utf8', env: { ...process.env, HYPCHECK_ROOT: root } },
    );
    t.match(stdout, new RegExp(`^${MUTANTS} mutants, `));
    t.equal(status, 0, `${stderr}${stdout.slice(stdout.indexOf('complaints:'))}`);
  },
);

t.test('the same number makes the same mutant, and different numbers make different ones', async (t) => {
  const told = (number: number) => {
    const { files, argv, what } = new Nursery(root).mutant(7, number);
    return JSON.stringify([
      [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
      argv,
      what,
    ]);
  };
  const made = Array.from({ length: 5 }, (_, number) => told(number));
  t.same(
    Array.from({ length: 5 }, (_, number) => told(number)),
    made,
  );
  t.equal(new Set(made).size, 5);
});

t.test(
  'elf-layout.ts reads the sections, symbols and relocations that readelf does',
  { skip: without('aarch64-linux-gnu-readelf') },
  async (t) => {
    const bytes = new Uint8Array(readFileSync(join(root, 'test/samples/hyp-text/call-helper.o')));
    const headers = headersOf(bytes) ?? [];
    const read = (...args: readonly string[]) => runOn('aarch64-linux-gnu-readelf', args, bytes);
    const sections = [
      ...read('-SW').matchAll(/^ +\[ *[1-9]\d*\] (\S*) +[\w-]+ +[\da-f]{16} ([\da-f]+) ([\da-f]+)/gm),
    ];
    t.same(
      headers.slice(1).map(({ name, offset, size }) => [name, offset, size]),
      sections.map(([, name, offset, size]) => [
        name,
        Number.parseInt(offset ?? '', 16),
        Number.parseInt(size ?? '', 16),
      ]),
    );
    const symbols = [...read('-sW').matchAll(/^ +\d+: ([\da-f]{16}) +\S+ (\S+) +\S+ +\S+ +(\S+)/gm)];
    t.same(
      symbolsOf(bytes, headers)?.map(({ value, section }) => [value, section]),
      symbols.map(([, value, , section]) => [
        Number.parseInt(value ?? '', 16),
        { UND: 0, ABS: 0xfff1 }[section ?? ''] ?? Number(section),
      ]),
    );
    const table = headers.find(({ name }) => name === '.rela.hyp.text');
    const entries = [...read('-rW').matchAll(/'\.rela\.hyp\.text'[\s\S]*?\n\n/g)].flatMap(([text]) => [
      ...text.matchAll(/^([\da-f]{16}) {2}([\da-f]{8})([\da-f]{8})/gm),
    ]);
    t.same(
      table && relocationsOf(bytes, table)?.map(({ offset, type, symbol }) => [offset, symbol, type]),
      entries.map((match) => match.slice(1, 4).map((number) => Number.parseInt(number, 16))),
    );
  },
);

const plan: ObjectPlan = {
  sections: [
    {
      name: '.hyp.text',
      flags: code,
      items: [
        { label: 'f', type: 2, binding: 1 },
        { word: 0x94000000, relocation: { type: 283, to: 'host' } },
        0xd503201f,
        0xd65f03c0,
        { end: 'f' },
      ],
    },
    { name: '.text', flags: code, items: [{ label: 'host', type: 2, binding: 1 }, 0xd65f03c0] },
    { name: '.rodata', items: [{ quad: 0n, relocation: { type: 257, to: 'f' } }] },
    { name: '.comment', flags: 0, items: [{ bytes: Buffer.from('made by hand') }] },
  ],
};
const known: Known = { section: '.hyp.text', offset: 0, relocation: 'CALL26', access: 'call' };

type Change = (bytes: Uint8Array, at: (name: string) => number, data: (name: string) => number) => void;

const mutated = (change: Change): Uint8Array<ArrayBuffer> => {
  const bytes = buildObject(plan);
  const headers = headersOf(bytes) ?? [];
  const named = (name: string) => headers.find((header) => header.name === name);
  change(
    bytes,
    (name) => named(name)?.at ?? 0,
    (name) => named(name)?.offset ?? 0,
  );
  return bytes;
};

const rows: readonly (readonly [
  string,
  'stands' | 'broken' | 'changed',
  'stands' | 'broken' | 'changed',
  Change,
])[] = [
  ['no change', 'stands', 'stands', () => {}],
  [
    'the .comment section changes',
    'stands',
    'stands',
    (bytes, _, data) => bytes.fill(1, data('.comment'), data('.comment') + 4),
  ],
  [
    'section headers in another order',
    'stands',
    'stands',
    (bytes, at) => {
      const [a, b] = [at('.comment'), at('.shstrtab')];
      const kept = bytes.slice(a, a + SHDR_SIZE);
      bytes.copyWithin(a, b, b + SHDR_SIZE);
      bytes.set(kept, b);
      viewOf(bytes).setUint16(62, (a - Number(viewOf(bytes).getBigUint64(40, true))) / SHDR_SIZE, true);
    },
  ],
  [
    'the instruction after the call changes',
    'changed',
    'stands',
    (bytes, _, data) => viewOf(bytes).setUint32(data('.hyp.text') + 4, 0xd65f03c0, true),
  ],
  [
    'the call itself changes',
    'changed',
    'changed',
    (bytes, _, data) => viewOf(bytes).setUint32(data('.hyp.text'), 0xd65f03c0, true),
  ],
  [
    'data of the host changes',
    'changed',
    'stands',
    (bytes, _, data) => viewOf(bytes).setUint32(data('.rodata'), 7, true),
  ],
  [
    'the relocation has a symbol that does not exist',
    'broken',
    'broken',
    (bytes, _, data) => viewOf(bytes).setUint32(data('.rela.hyp.text') + 12, 99, true),
  ],
  [
    'the relocation has another type',
    'changed',
    'changed',
    (bytes, _, data) => viewOf(bytes).setUint32(data('.rela.hyp.text') + 8, 282, true),
  ],
  [
    'the relocation table has another section type',
    'broken',
    'broken',
    (bytes, at) => viewOf(bytes).setUint32(at('.rela.hyp.text') + 4, TYPES.PROGBITS, true),
  ],
  [
    'the relocation table belongs to another section',
    'broken',
    'broken',
    (bytes, at) => viewOf(bytes).setUint32(at('.rela.hyp.text') + 44, 2, true),
  ],
  [
    'the symbol table has another section type',
    'broken',
    'broken',
    (bytes, at) => viewOf(bytes).setUint32(at('.symtab') + 4, TYPES.PROGBITS, true),
  ],
  [
    'the section has another name',
    'changed',
    'changed',
    (bytes, at) => viewOf(bytes).setUint32(at('.hyp.text'), 0, true),
  ],
];

t.test('fateOf: a finding stands, cannot be read any more, or was removed by the mutation', async (t) => {
  const before = factsOf(buildObject(plan));
  if (!before) throw new Error('a well-formed file has facts');
  for (const [what, followed, judged, change] of rows) {
    const after = factsOf(mutated(change));
    t.equal(fateOf(known, before, after, true), followed, `${what}, with control flow followed`);
    t.equal(fateOf(known, before, after, false), judged, what);
  }
});

t.test(
  'a finding that is lost without a message is a complaint, one that the mutation removed is not',
  async (t) => {
    await inFolder(async (folder) => {
      const bytes = buildObject(plan);
      const specimen = new Nursery(root).specimen('(small)');
      const trial = new Trial(folder, new Map());
      const mutant = (argv: readonly string[], form: Uint8Array) => ({
        ...{ family: 'object', kinds: [], what: [], environment: {}, mayBeUsage: false, argv },
        files: new Map([['x.o', form]]),
        judged: { path: 'x.o', before: { ...specimen, name: 'plan', bytes } },
      });
      const argv = ['-fdiagnostics-format=json', '--whole', '--vhe=unknown', 'x.o'];
      const kept = await trial.judge(mutant(argv, bytes));
      t.equal(kept.complaint, null);
      t.equal(kept.isSilenced, false);
      const changed = mutated((form, _, data) => viewOf(form).setUint32(data('.hyp.text'), 0xd65f03c0, true));
      const before = await trial.judge(mutant(argv, changed));
      t.equal(before.complaint, null, 'the mutation removed the call');
      const deaf = new Trial(folder, new Map());
      deaf.run = async () => ({ status: 0, stdout: '[]\n', stderr: '', written: new Map() });
      const lost = await deaf.judge(mutant(argv, bytes));
      t.match(lost.complaint, /lost without a word \(stands\): f@\.hyp\.text > host@\.text/);
      t.equal(lost.isSilenced, true);
    });
  },
);

t.test('wrongIn rejects bad statuses, silence, stack traces and control characters', async (t) => {
  const outcome = { status: 0, stdout: '', stderr: '', written: new Map<string, string>() };
  const strict = { mayBeUsage: false, mayBeSilent: false };
  t.equal(wrongIn({ ...outcome, stderr: 'x.o: \x1b[01;35m\x1b[Kwarning:\x1b[m\x1b[K \tso\n' }, strict), null);
  const wrong: readonly (readonly [RegExp, Partial<typeof outcome>])[] = [
    [/status 2/, { status: 2, stderr: 'usage' }],
    [/status 134/, { status: 134, stderr: 'aborted' }],
    [/without a word/, { status: 3 }],
    [/a trace/, { status: 1, stderr: 'Error: x\n    at f (a.js:1:2)\n' }],
    [/a trace/, { status: 3, stderr: 'hypcheck: error: a fault of hypcheck itself: no\n' }],
    [/U\+9b/, { stderr: 'a \x9b1m name\n' }],
    [/U\+1b/, { stdout: 'a \x1b]0;title name\n' }],
    [/U\+202e/, { written: new Map([['report', '\u202e']]) }],
    [/none/, { stderr: 'at offset NaN\n' }],
  ];
  for (const [expected, one] of wrong) t.match(wrongIn({ ...outcome, ...one }, strict), expected);
  t.equal(wrongIn({ ...outcome, status: 3 }, { ...strict, mayBeSilent: true }), null);
  t.equal(wrongIn({ ...outcome, status: 2, stderr: 'usage' }, { ...strict, mayBeUsage: true }), null);
});
