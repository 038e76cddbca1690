// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Conditions, and what a state knows of registers; unknown registers take no room in it.

import fc from 'fast-check';
import t from 'tap';
import { ZERO } from '../../lib/aarch64/operations.js';
import {
  type Flags,
  holds,
  joinStates,
  nothingKnown,
  REGISTERS,
  registersOf,
  type State,
  valueIn,
  withCopy,
  withFlags,
  without,
  withValue,
} from '../../lib/flow/state.js';
import { constant, constantOf, type Value } from '../../lib/flow/values.js';

const flags = (nzcv: string): Flags => {
  const [n = null, z = null, c = null, v = null] = [...nzcv].map((one) => (one === '-' ? null : one === '1'));
  return { n, z, c, v, order: null, compared: null };
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

t.test('the sixteen conditions hold for the flags that the Arm ARM gives', async (t) => {
  for (const [nzcv, holding] of table) {
    const found = names.filter((_, condition) => holds(flags(nzcv), condition));
    t.same(found.sort(), holding.split(' ').sort(), nzcv);
    t.notOk(names.some((_, condition) => holds(flags(nzcv), condition) === null));
  }
});

t.test('a condition is known if the flags that it depends on decide it', async (t) => {
  const known = (nzcv: string) =>
    names.filter((_, condition) => holds(flags(nzcv), condition) !== null).join(' ');
  t.equal(known('-1--'), 'EQ NE HI LS GT LE AL NV', 'zero is neither higher nor greater');
  t.equal(known('--0-'), 'HS LO HI LS AL NV');
  t.equal(known('1--0'), 'MI PL VS VC GE LT GT LE AL NV');
  t.equal(holds(null, 0), null);
  t.equal(holds(null, 14), true);
});

const comparing = (state: State, register: number, value: bigint): State =>
  withFlags(state, { ...flags('----'), compared: { register, value, wide: true, isOnlyZ: false } });

t.test('when a compared register is overwritten, its copy takes its place in the comparison', async (t) => {
  const state = comparing(withCopy(nothingKnown, 1, 0, 64, true), 1, 7n);
  t.equal(withValue(state, 1, null).flags?.compared?.register, 0);
  t.equal(withValue(comparing(nothingKnown, 1, 7n), 1, null).flags?.compared, null);
  t.equal(without(comparing(nothingKnown, 1, 7n), 0b10).flags?.compared, null);
});

t.test('the zero register is 0 and cannot be written', async (t) => {
  t.equal(constantOf(valueIn(nothingKnown, ZERO)), 0n);
  t.equal(withValue(nothingKnown, ZERO, constant(1n)), nothingKnown);
});

t.test('writing, forgetting and joining registers is as in an array of thirty-one', async (t) => {
  const write = fc.record({
    register: fc.nat({ max: REGISTERS - 1 }),
    number: fc.option(fc.bigInt({ min: 0n, max: 3n })),
  });
  const made = (number: bigint | null): Value => (number === null ? null : constant(number));
  const written = (writes: readonly { register: number; number: bigint | null }[]) =>
    writes.reduce(
      ({ state, model }, { register, number }) => ({
        state: withValue(state, register, made(number)),
        model: model.with(register, number),
      }),
      { state: nothingKnown, model: new Array<bigint | null>(REGISTERS).fill(null) },
    );
  const shown = (state: State) => registersOf(state).map(constantOf);
  const sink = { used: () => {}, lost: () => {} };
  fc.assert(
    fc.property(fc.array(write), fc.array(write), fc.nat(), (some, others, mask) => {
      const [a, b] = [written(some), written(others)];
      t.same(shown(a.state), a.model);
      t.same(
        a.model.map((_, register) => constantOf(valueIn(a.state, register))),
        a.model,
      );
      t.equal(a.state.values.length, a.model.filter((one) => one !== null).length);
      t.same(
        shown(without(a.state, mask)),
        a.model.map((one, register) => (mask & (1 << register) ? null : one)),
      );
      t.same(
        shown(joinStates(a.state, b.state, sink)),
        a.model.map((one, register) => (one === b.model[register] ? one : null)),
      );
    }),
    { numRuns: 50 },
  );
});
