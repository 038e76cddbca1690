// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Conditions, and what a branch tells of the registers that it compared.

import t from 'tap';
import { type Condition, ZERO } from '../../lib/aarch64/operations.js';
import {
  assume,
  assumeOther,
  assumeZero,
  type Flags,
  holds,
  nothingKnown,
  type State,
  valueIn,
  withCopy,
  withFlags,
  without,
  withValue,
} from '../../lib/flow/state.js';
import { ALL, bitsOf, constant, constantOf, makeBits } from '../../lib/flow/values.js';

const flags = (nzcv: string): Flags => {
  const [n = null, z = null, c = null, v = null] = [...nzcv].map((one) => (one === '-' ? null : one === '1'));
  return { n, z, c, v, compared: null };
};

/** [Arm ARM C1.2.4 "Condition code"]: flags, and the conditions that hold; all others do not. */
const table: readonly (readonly [nzcv: string, holding: string])[] = [
  ['0000', 'NE LO PL VC LS GE GT AL NV'],
  ['0100', 'EQ LO PL VC LS GE LE AL NV'],
  ['0010', 'NE HS PL VC HI GE GT AL NV'],
  ['0110', 'EQ HS PL VC LS GE LE AL NV'],
  ['1000', 'NE LO MI VC LS LT LE AL NV'],
  ['1001', 'NE LO MI VS LS GE GT AL NV'],
  ['0001', 'NE LO PL VS LS LT LE AL NV'],
];
const names = 'EQ NE HS LO MI PL VS VC HI LS GE LT GT LE AL NV'.split(' ');

t.test('the sixteen conditions', async (t) => {
  for (const [nzcv, holding] of table) {
    const found = names.filter((_, condition) => holds(flags(nzcv), condition));
    t.same(found.sort(), holding.split(' ').sort(), nzcv);
    t.notOk(names.some((_, condition) => holds(flags(nzcv), condition) === null));
  }
});

t.test('conditions of flags that are partly known', async (t) => {
  const known = (nzcv: string) =>
    names.filter((_, condition) => holds(flags(nzcv), condition) !== null).join(' ');
  t.equal(known('-1--'), 'EQ NE HI LS GT LE AL NV', 'zero is neither higher nor greater');
  t.equal(known('--0-'), 'HS LO HI LS AL NV');
  t.equal(known('1--0'), 'MI PL VS VC GE LT GT LE AL NV');
  t.equal(holds(null, 0), null);
  t.equal(holds(null, 14), true);
});

const EQ: Condition = 0;
const NE: Condition = 1;
const LO: Condition = 3;
const LS: Condition = 9;

const comparing = (state: State, register: number, value: bigint, wide = true, isOnlyZ = false): State =>
  withFlags(state, { ...flags('----'), compared: { register, value, wide, isOnlyZ } });

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

t.test('what was compared lives on in a copy, and nowhere else', async (t) => {
  const state = comparing(withCopy(nothingKnown, 1, 0, 64, true), 1, 7n);
  t.equal(withValue(state, 1, null).flags?.compared?.register, 0);
  t.equal(withValue(comparing(nothingKnown, 1, 7n), 1, null).flags?.compared, null);
  t.equal(without(comparing(nothingKnown, 1, 7n), 0b10).flags?.compared, null);
});

t.test('the zero register', async (t) => {
  t.equal(constantOf(valueIn(nothingKnown, ZERO)), 0n);
  t.equal(withValue(nothingKnown, ZERO, constant(1n)), nothingKnown);
});
