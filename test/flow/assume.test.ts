// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known of a register on each side of a branch that compared it.

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
  withFlags(state, {
    n: null,
    z: null,
    c: null,
    v: null,
    order: null,
    compared: { register, value, wide, isOnlyZ },
  });

t.test('EQ, LS and LO bound the register that was compared, NE does not', async (t) => {
  const state = comparing(nothingKnown, 3, 10n);
  t.equal(constantOf(valueIn(assume(state, EQ), 3)), 10n);
  t.equal(bitsOf(valueIn(assume(state, LS), 3)).max, 10n);
  t.equal(bitsOf(valueIn(assume(state, LO), 3)).max, 9n);
  t.equal(bitsOf(valueIn(assume(state, NE), 3)).max, ALL, 'NE');
  const narrow = bitsOf(valueIn(assume(comparing(nothingKnown, 3, 10n, false), LS), 3));
  t.same([narrow.max, narrow.lowMax], [ALL, 10n], 'a comparison of w3 leaves the upper half unknown');
  const masked = assume(comparing(nothingKnown, 3, 0n, true, true), LS);
  t.equal(bitsOf(valueIn(masked, 3)).max, ALL, 'LS after a logical operation bounds nothing');
});

t.test('a number of one unknown bit is settled by what it is not', async (t) => {
  const state = withValue(nothingKnown, 5, makeBits(ALL ^ 4n, 0n));
  t.equal(constantOf(valueIn(assumeOther(state, 5, 0n, true), 5)), 4n, 'not 0, so 4');
  t.equal(constantOf(valueIn(assumeOther(state, 5, 1n, true), 5)), null, 'not 1, which it could not be');
  t.equal(constantOf(valueIn(assumeZero(state, 5, 4n), 5)), 0n);
});

t.test('a comparison of a register bounds its copy too', async (t) => {
  const copied = withCopy(nothingKnown, 1, 0, 64, true);
  const learnt = assume(comparing(copied, 1, 7n), EQ);
  t.same(
    [0, 1].map((register) => constantOf(valueIn(learnt, register))),
    [7n, 7n],
  );
  const overwritten = assume(comparing(withValue(copied, 0, null), 1, 7n), EQ);
  t.equal(valueIn(overwritten, 0), null, 'not if it was overwritten since');
  const half = assume(comparing(withCopy(nothingKnown, 1, 0, 64, false), 1, 7n), EQ);
  t.equal(bitsOf(valueIn(half, 0)).ones, 0n, 'after mov w1, w0 the upper half of x0 stays unknown');
});
