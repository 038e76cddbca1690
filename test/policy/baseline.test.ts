// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { baselineText, parseBaseline } from '../../lib/policy/baseline.js';
import type { FindingKey } from '../../lib/policy/finding-key.js';

const call = (from: string): FindingKey => ({ warning: 'hyp-call', from, to: 'x', access: 'call' });

t.test('a baseline has one line for each key, sorted, and none of hyp-unchecked', async (t) => {
  const text = baselineText([
    call('b'),
    call('a'),
    call('b'),
    { warning: 'hyp-unchecked', from: 'a.o', to: 'a.o', access: null },
  ]);
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  t.same(lines, ['hyp-call a x call', 'hyp-call b x call', '']);
  t.same(
    parseBaseline(text).entries.map(({ key }) => key),
    [call('a'), call('b')],
  );
});

t.test('malformed lines are reported by number', async (t) => {
  const { entries, faults } = parseBaseline(
    '# head\n\nhyp-call a x call\n<<<<<<< HEAD\nhyp-call a x\nhyp-unchecked a.o a.o -\n',
  );
  t.same(entries, [{ line: 3, key: call('a') }]);
  t.same(
    faults.map(({ line }) => line),
    [4, 5, 6],
  );
  t.match(faults[2]?.sentence, /suppressed/);
});
