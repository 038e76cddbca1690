// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The outcome of reading one piece of debug information: its value, or the error that
// says why there is none.

import t from 'tap';
import { attempt, settle } from '../../lib/dwarf/attempt.js';
import { FormatError } from '../../lib/elf/format-error.js';

const torn = new FormatError('a.o', '.debug_info', 0x40, 'the unit is torn');
const throwing = (error: unknown) => (): never => {
  throw error;
};

t.test('a value that was read is kept, and can be taken any number of times', async (t) => {
  let reads = 0;
  const outcome = attempt(() => ({ unit: ++reads }));
  t.same(outcome, { ok: true, value: { unit: 1 } });
  t.equal(settle(outcome), settle(outcome));
  t.equal(reads, 1, 'it is read once');
});

t.test('null and other falsy results are values, not damage', async (t) => {
  for (const value of [null, undefined, 0, '', false]) {
    const outcome = attempt(() => value);
    t.equal(outcome.ok, true);
    t.equal(settle(outcome), value);
  }
});

t.test('damage is kept, and asking for the value throws the same error each time', async (t) => {
  const outcome = attempt(throwing(torn));
  t.equal(outcome.ok, false);
  t.equal(outcome.ok ? null : outcome.error, torn);
  for (const time of ['once', 'again']) {
    const asked = attempt<unknown>(() => settle(outcome));
    t.equal(asked.ok ? null : asked.error, torn, time);
  }
});

t.test('running out of stack or memory counts as damage of the debug information', async (t) => {
  const nested = (depth: number): number => 1 + nested(depth + 1);
  const outcome = attempt(() => nested(0));
  t.match(outcome, { ok: false, error: { file: 'debug information', section: null, offset: 0 } });
  t.ok(!outcome.ok && outcome.error instanceof FormatError);
  const tooLong = attempt(() => new Uint8Array(2 ** 52));
  t.match(tooLong, { ok: false, error: { sentence: /memory/ } });
});

t.test('any other error is a bug in hypcheck, and is thrown on', async (t) => {
  for (const error of [new TypeError('ours'), new Error('ours'), new RangeError('ours')])
    t.throws(() => attempt(throwing(error)), error);
});
