// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a branch tells of the registers that it compared.

import t from 'tap';
import type { Condition } from '../../lib/aarch64/operations.js';
import { assume, assumeOther, assumeZero } from '../../lib/flow/assume.js';
import { nothingKnown, type State, valueIn, withCopy, withFlags, withValue } from '../../lib/flow/state.js';
import { ALL, bitsOf, constantOf, makeBits } from '../../lib/flow/values.js';

const EQ: Condition = 0;
const NE: Condition = 1;
const LO: Condition = 3;
const LS: Condition = 9;

const comparing = (state: State, register: number, value: bigint, wide = true, isOnlyZ = false): State =>
  withFlags(state, { n: null, z: null, c: null, v: null, compared: { register, value, wide, isOnlyZ } });

t.test('a comparison bounds its register', async (t) => {
  const state = comparing(nothingKnown, 3, 10n);
  t.equal(constantOf(valueIn(assume(state, EQ), 3)), 10n);
  t.equal(bitsOf(valueIn(assume(state, LS), 3)).max, 10n);
  t.equal(bitsOf(valueIn(assume(state, LO), 3)).max, 9n);
  t.equal(bitsOf(valueIn(assume(state, NE), 3)).max, ALL, 'nothing is learnt');
  const narrow = bitsOf(valueIn(assume(comparing(nothingKnown, 3, 10n, false), LS), 3));
  t.same([narrow.max, narrow.lowMax], [ALL, 10n], 'w3 tells nothing of the upper half');
  const masked = assume(comparing(nothingKnown, 3, 0n, true, true), LS);
  t.equal(bitsOf(valueIn(masked, 3)).max, ALL, 'a logical operation has no carry');
});

t.test('the last open bit', async (t) => {
  const state = withValue(nothingKnown, 5, makeBits(ALL ^ 4n, 0n));
  t.equal(constantOf(valueIn(assumeOther(state, 5, 0n, true), 5)), 4n, 'not 0, so 4');
  t.equal(constantOf(valueIn(assumeOther(state, 5, 1n, true), 5)), null, 'it was never 1');
  t.equal(constantOf(valueIn(assumeZero(state, 5, 4n), 5)), 0n);
});

t.test('a copy learns what its original does', async (t) => {
  const copied = withCopy(nothingKnown, 1, 0, 64, true);
  const learnt = assume(comparing(copied, 1, 7n), EQ);
  t.same(
    [0, 1].map((register) => constantOf(valueIn(learnt, register))),
    [7n, 7n],
  );
  const overwritten = assume(comparing(withValue(copied, 0, null), 1, 7n), EQ);
  t.equal(valueIn(overwritten, 0), null, 'not what was written since');
  const half = assume(comparing(withCopy(nothingKnown, 1, 0, 64, false), 1, 7n), EQ);
  t.equal(bitsOf(valueIn(half, 0)).ones, 0n, 'mov w1, w0: x1 tells nothing of x0');
});
