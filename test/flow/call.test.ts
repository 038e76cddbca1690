// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a caller passes to a callee, and what is known behind the call.

import t from 'tap';
import {
  argumentsKey,
  argumentsOf,
  givenBack,
  loseArguments,
  maybeKept,
  passedTo,
  stateBehind,
} from '../../lib/flow/call.js';
import {
  makeState,
  nothingKnown,
  REGISTERS,
  registersOf,
  type State,
  valueIn,
} from '../../lib/flow/state.js';
import { conventionalSummary, type RegisterSummary } from '../../lib/flow/summary.js';
import { type AddressSink, constant, makePlaces, type Value } from '../../lib/flow/values.js';

const place = (target: number): Value => makePlaces([{ target, at: 4, via: null, inexact: false }], false);

const withRegisters = (values: Readonly<Record<number, Value>>): State =>
  makeState(
    Array.from({ length: REGISTERS }, (_, register) => values[register] ?? null),
    null,
  );

/** The registers that are not unknown. */
const known = (state: State): readonly number[] =>
  registersOf(state).flatMap((value, register) => (value === null ? [] : [register]));

const mask = (...registers: readonly number[]): number =>
  registers.reduce((all, register) => all | (1 << register), 0);

const summary = (more: Partial<RegisterSummary>): RegisterSummary => ({
  ...{ reads: 0, writes: 0, changes: 0, keepsLink: false, movesLink: false, returns: true, keepsStack: true },
  ...more,
});

const everything = withRegisters(
  Object.fromEntries([...Array(REGISTERS).keys()].map((r) => [r, constant(1n)])),
);

t.test('a callee gets the registers that it reads or changes, and x30 by a tail call', async (t) => {
  const callee = summary({ reads: mask(0, 30), writes: mask(1), changes: mask(19) });
  t.same(known(passedTo(callee, everything, true)), [0, 19, 30]);
  t.same(known(passedTo(summary({ reads: mask(0) }), everything, false)), [0, 30]);
  t.same(known(givenBack(callee, everything)), [1, 19]);
});

t.test('an address goes to a callee that may overwrite it, and may come back from it', async (t) => {
  const callee = summary({ writes: mask(1, 2) });
  const at = withRegisters({ 1: place(8), 2: constant(1n), 3: place(8) });
  t.same(known(passedTo(callee, at, true)), [1]);
  t.same(known(maybeKept(callee, at)), [1]);
  t.match(registersOf(maybeKept(callee, at))[1], { kind: 'places', others: true });
  t.equal(maybeKept(summary({}), at), nothingKnown);
});

t.test('behind a call, a register is what the callee left in it, or what it was', async (t) => {
  const callee = summary({ writes: mask(0), changes: mask(19) });
  const returned = withRegisters({ 0: constant(7n) });
  const after = stateBehind(everything, returned, callee, true);
  t.same(valueIn(after, 0), constant(7n));
  t.equal(valueIn(after, 19), null, 'changed and not given back');
  t.same(valueIn(after, 9), constant(1n), 'not written: gcc -fipa-ra relies on that');
  t.equal(valueIn(after, 30), null, 'x30 holds the return address');
});

t.test(
  'behind a callee with unseen callers, caller-saved registers keep addresses, but no numbers',
  async (t) => {
    const atCall = withRegisters({ 9: constant(1n), 10: place(0x100), 20: constant(2n) });
    t.same(known(stateBehind(atCall, nothingKnown, summary({}), false)), [10, 20]);
    t.same(known(stateBehind(atCall, nothingKnown, conventionalSummary, true)), [20]);
  },
);

t.test('the key of constant arguments lists numbers and exact addresses in x0 to x7', async (t) => {
  const key = argumentsKey(withRegisters({ 0: constant(11n), 1: place(0x100), 9: constant(5n) }));
  t.equal(key, '#11,@256.4,,,,,,', 'x0 to x7');
  const inexact = makePlaces([{ target: 256, at: 4, via: null, inexact: true }], false);
  t.equal(argumentsKey(withRegisters({ 0: inexact })), ',,,,,,,');
});

t.test(
  'arguments of a function that is not followed escape, but not the place of a large result in x8',
  async (t) => {
    const told: string[] = [];
    const sink: AddressSink = {
      used: ({ target }) => told.push(`used ${target}`),
      lost: ({ target }) => told.push(`lost ${target}`),
    };
    const state = withRegisters({ 0: place(1), 8: place(2), 9: place(3), 19: place(4) });
    loseArguments(state, sink);
    t.same(told, ['lost 1', 'used 2']);
    told.length = 0;
    const both = makePlaces(
      [1, 2].map((target) => ({ target, at: 4, via: null, inexact: false })),
      false,
    );
    const passed = argumentsOf(summary({ reads: mask(0, 1) }), withRegisters({ 0: place(1), 1: both }), sink);
    t.same(known(passed), [0], 'one address is passed as a constant');
    t.same(told, ['lost 1', 'lost 2'], 'two escape');
  },
);
