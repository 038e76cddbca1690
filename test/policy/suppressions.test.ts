// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { holdsFor, parseSuppressions, suppressionFor } from '../../lib/policy/suppressions.js';

const always = { access: null, until: null };

t.test('entries are read; comments and empty lines are passed over', async (t) => {
  const { entries, faults } = parseSuppressions(
    [
      '# reviewed by nobody yet\r',
      '',
      'hyp-call handle_trap kvm_get_hsr it is inlined by the next compiler',
      '   hyp-data  *   cpu_*  read before the MMU is on   # a remark',
      '\thyp-unchecked a.o a.o\twhy not\r',
    ].join('\n'),
  );
  t.same(faults, []);
  t.same(entries, [
    {
      line: 3,
      warning: 'hyp-call',
      from: 'handle_trap',
      to: 'kvm_get_hsr',
      ...always,
      reason: 'it is inlined by the next compiler',
    },
    { line: 4, warning: 'hyp-data', from: '*', to: 'cpu_*', ...always, reason: 'read before the MMU is on' },
    { line: 5, warning: 'hyp-unchecked', from: 'a.o', to: 'a.o', ...always, reason: 'why not' },
  ]);
});

t.test('malformed lines are reported by number', async (t) => {
  const { entries, faults } = parseSuppressions(
    'hyp-cal a b c\nhyp-call a b\nhyp-call a\nhyp-call\nHYP-CALL a b c\n',
  );
  t.same(entries, []);
  t.same(
    faults.map(({ line }) => line),
    [1, 2, 3, 4, 5],
  );
  t.match(faults[0]?.sentence, /'hyp-cal' is not the name of a warning/);
  t.match(faults[1]?.sentence, /WARNING FROM TO and a reason/, 'the reason is not optional');
});

t.test(
  'an entry covers findings of its warning by whole names, in which * stands for anything',
  async (t) => {
    const { entries } = parseSuppressions('hyp-call handle_* kvm.o(x) reason\nhyp-call * exact reason\n');
    const line = (warning: 'hyp-call' | 'hyp-data', from: string, to: string) =>
      suppressionFor(entries, { warning, from, to, access: 'call' })?.line ?? null;
    t.equal(line('hyp-call', 'handle_trap', 'kvm.o(x)'), 1);
    t.equal(line('hyp-call', 'handle_', 'kvm.o(x)'), 1, '* stands for the empty string, too');
    t.equal(line('hyp-call', 'xhandle_trap', 'kvm.o(x)'), null, 'whole names');
    t.equal(line('hyp-call', 'handle_trap', 'kvmXo(x)'), null, 'a dot stands for itself');
    t.equal(line('hyp-call', 'handle_trap', 'exact'), 2);
    t.equal(line('hyp-call', 'anything', 'exactly'), null);
    t.equal(line('hyp-data', 'handle_trap', 'exact'), null, 'another warning');
  },
);

t.test('access= limits an entry to one access, until= to kernels before a version', async (t) => {
  const { entries, faults } = parseSuppressions(
    [
      'hyp-data f x access=load until=6.8 gone with the rework',
      'hyp-data f y until=6.12.3 it=is fine',
      'hyp-data f z access=loads no such access',
      'hyp-data f z until=next no version',
      'hyp-data f z until=6.8',
      'hyp-data f z toString=1 is a reason',
    ].join('\n'),
  );
  t.match(entries, [
    { access: 'load', until: '6.8', reason: 'gone with the rework' },
    { access: null, until: '6.12.3', reason: 'it=is fine' },
    { access: null, until: null, reason: 'toString=1 is a reason' },
  ]);
  t.same(
    faults.map(({ line }) => line),
    [3, 4, 5],
  );
  const finding = { warning: 'hyp-data', from: 'f', to: 'x' } as const;
  t.equal(suppressionFor(entries, { ...finding, access: 'load' })?.line, 1);
  t.equal(suppressionFor(entries, { ...finding, access: 'store' }), null);
  const [first, second, third] = entries;
  if (!first || !second || !third) return t.fail();
  const rows: readonly (readonly [string | null, boolean, boolean])[] = [
    ['6.7.12', true, true],
    ['6.8.0-rc1+', false, true],
    ['6.8', false, true],
    ['6.12', false, true],
    ['6.12.3-1-arm64', false, false],
    ['10.1', false, false],
    ['4.16.0', true, true],
    [null, false, false],
  ];
  for (const [release, a, b] of rows) {
    t.same([holdsFor(first, release), holdsFor(second, release)], [a, b], `${release}`);
    t.ok(holdsFor(third, release), 'without a version it always holds');
  }
});

t.test('a name with blanks is written as in a baseline', async (t) => {
  const { entries } = parseSuppressions('hyp-call <u8\\u{20}as\\u{20}Into>::into x it is fine\n');
  t.ok(suppressionFor(entries, { warning: 'hyp-call', from: '<u8 as Into>::into', to: 'x', access: null }));
});

t.test('a glob matches as the regular expression with .* for *', async (t) => {
  const words = (count: number, letters: string): readonly string[] =>
    Array.from({ length: count }, (_, index) => {
      let [word, rest] = ['', index];
      for (; rest > 0; rest = Math.floor((rest - 1) / letters.length))
        word += letters[(rest - 1) % letters.length];
      return word;
    });
  const names = words(127, 'ab');
  const wrong: string[] = [];
  for (const pattern of words(364, 'ab*')) {
    if (pattern === '') continue;
    const { entries } = parseSuppressions(`hyp-call * ${pattern} reason`);
    const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
    for (const to of names) {
      const isCovered =
        suppressionFor(entries, { warning: 'hyp-call', from: 'f', to, access: null }) !== null;
      if (isCovered !== expression.test(to)) wrong.push(`${pattern} ${to}`);
    }
  }
  t.same(wrong, []);
});

t.test('of more than 1000 entries the rest is not read, which is reported', async (t) => {
  const { entries, faults } = parseSuppressions('hyp-call a b c\n'.repeat(3501));
  t.equal(entries.length, 1000);
  t.same(faults, [{ line: 1001, sentence: 'more than 1000 entries are not read' }]);
});
