// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { parseSuppressions, suppressionFor } from '../../lib/policy/suppressions.js';

t.test('entries, comments and empty lines', async (t) => {
  const { entries, faults } = parseSuppressions(
    [
      '# reviewed by nobody yet',
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
      reason: 'it is inlined by the next compiler',
    },
    { line: 4, warning: 'hyp-data', from: '*', to: 'cpu_*', reason: 'read before the MMU is on' },
    { line: 5, warning: 'hyp-unchecked', from: 'a.o', to: 'a.o', reason: 'why not' },
  ]);
});

t.test('what is no entry is said, by line', async (t) => {
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

t.test('which findings an entry covers', async (t) => {
  const { entries } = parseSuppressions('hyp-call handle_* kvm.o(x) reason\nhyp-call * exact reason\n');
  const line = (warning: 'hyp-call' | 'hyp-data', from: string, to: string) =>
    suppressionFor(entries, { warning, from, to })?.line ?? null;
  t.equal(line('hyp-call', 'handle_trap', 'kvm.o(x)'), 1);
  t.equal(line('hyp-call', 'handle_', 'kvm.o(x)'), 1, '* matches nothing as well');
  t.equal(line('hyp-call', 'xhandle_trap', 'kvm.o(x)'), null, 'whole names');
  t.equal(line('hyp-call', 'handle_trap', 'kvmXo(x)'), null, 'a dot is a dot');
  t.equal(line('hyp-call', 'handle_trap', 'exact'), 2);
  t.equal(line('hyp-call', 'anything', 'exactly'), null);
  t.equal(line('hyp-data', 'handle_trap', 'exact'), null, 'of that warning only');
});
