// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { readWarningOptions, type WarningOptions } from '../../lib/cli/warning-options.js';
import { defaultNames, warningNames } from '../../lib/policy/warnings.js';

const read = (...words: readonly string[]): WarningOptions => {
  const options = readWarningOptions(words);
  if ('unknown' in options) throw new Error(`unknown: ${options.unknown}`);
  return options;
};

const enabled = (...words: readonly string[]): readonly string[] => [...read(...words).enabled].sort();
const errors = (...words: readonly string[]): readonly string[] => [...read(...words).errors].sort();
const all = [...defaultNames].sort();

t.test('later options decide which warnings are on', async (t) => {
  t.same(enabled(), all);
  t.same(enabled('all'), all);
  t.same(enabled('hyp-mismatch'), all);
  t.same(enabled('no-hyp-mismatch'), []);
  t.same(enabled('no-all', 'hyp-call'), ['hyp-call']);
  t.same(enabled('hyp-call', 'no-all'), []);
  t.same(enabled('-w'), []);
  t.same(enabled('-w', 'hyp-call'), []);
  t.ok(enabled('extra').length >= all.length, '-Wextra adds and never takes away');
  for (const name of warningNames) {
    t.ok(enabled('no-all', name).includes(name), name);
    t.notOk(enabled(name, `no-${name}`).includes(name), name);
  }
});

t.test('-Werror, -Werror=NAME and -E decide which warnings are errors', async (t) => {
  t.same(errors(), []);
  for (const word of ['error', '-E']) t.same(errors(word), [...warningNames].sort(), word);
  t.same(errors('error', 'no-error'), []);
  t.same(errors('error=hyp-call'), ['hyp-call']);
  t.same(errors('error=hyp-call', 'no-error=hyp-call'), []);
  t.notOk(errors('error', 'no-error=hyp-call').includes('hyp-call'));
  t.notOk(errors('no-error=hyp-call', 'error').includes('hyp-call'), 'as in gcc, an option with a name wins');
  t.ok(errors('error=hyp-call', 'no-error').includes('hyp-call'), 'as in gcc, an option with a name wins');
});

t.test('-Werror=NAME turns the warning on, too', async (t) => {
  t.ok(enabled('no-hyp-call', 'error=hyp-call').includes('hyp-call'));
  t.notOk(enabled('error=hyp-call', 'no-hyp-call').includes('hyp-call'));
  t.notOk(enabled('no-hyp-call', 'no-error=hyp-call').includes('hyp-call'));
});

t.test('an unknown name is reported as it was written', async (t) => {
  for (const word of ['hyp', 'no-', '', 'error=', 'no-error=x', 'no-no-hyp-call', 'hyp-call=2', 'toString']) {
    t.same(readWarningOptions([word]), { unknown: `-W${word}` }, word);
  }
});
