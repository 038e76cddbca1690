// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Joins of states that come to one place again and again: they end, and each
// address that is given up escapes.

import t from 'tap';
import { Procedure } from '../../lib/flow/procedure.js';
import { nothingKnown, type State, valueIn, withValue } from '../../lib/flow/state.js';
import { conventionalSummary } from '../../lib/flow/summary.js';
import {
  type AddressSink,
  bitsOf,
  constant,
  constantOf,
  makePlaces,
  sitesOf,
} from '../../lib/flow/values.js';

const ENTRY = 0x1000;
const LOOP = 0x1010;

const made = () => {
  const lost: number[] = [];
  const sink: AddressSink = { used: () => {}, lost: ({ target }) => lost.push(target) };
  const procedure = new Procedure('p', ENTRY, 0, false, conventionalSummary);
  const join = (pc: number, state: State) => procedure.join(pc, state, sink);
  const at = (pc: number) => procedure.states.at(pc)?.state ?? nothingKnown;
  return { procedure, join, at, lost, sink };
};

const counting = (number: bigint): State => withValue(nothingKnown, 1, constant(number));
const pointing = (target: number): State =>
  withValue(nothingKnown, 2, makePlaces([{ target, at: 4, via: null, inexact: false }], false));

t.test('a place is due again only if a state changes what is known there', async (t) => {
  const { join, at, procedure } = made();
  t.equal(join(LOOP, counting(5n)), 'first');
  t.equal(procedure.takeDue(), LOOP);
  t.equal(join(LOOP, counting(5n)), null);
  t.equal(procedure.takeDue(), undefined);
  t.equal(join(LOOP, counting(6n)), 'again');
  t.equal(constantOf(valueIn(at(LOOP), 1)), null);
});

t.test('a counter is widened to unknown after a few rounds', async (t) => {
  const { join, at } = made();
  let rounds = 0;
  for (let number = 0n; number < 2n ** 40n; number = number * 2n + 1n)
    if (join(LOOP, counting(number))) rounds++;
  t.equal(valueIn(at(LOOP), 1), null);
  t.ok(rounds <= 5, `${rounds} rounds`);
});

t.test('at the entry, more than two numbers that differ are widened to unknown', async (t) => {
  const { join, at } = made();
  join(ENTRY, counting(4n));
  join(ENTRY, counting(5n));
  t.equal(bitsOf(valueIn(at(ENTRY), 1)).ones, 4n);
  join(ENTRY, counting(7n));
  t.equal(valueIn(at(ENTRY), 1), null);
});

t.test('a pointer that a loop increments is widened, and addresses given up escape', async (t) => {
  const { join, at, lost } = made();
  let changes = 0;
  for (let target = 0; target < 400; target += 4) if (join(LOOP, pointing(target))) changes++;
  t.ok(changes < 40, `${changes} changes`);
  const kept = sitesOf(valueIn(at(LOOP), 2)).map(({ target }) => target);
  const all = Array.from({ length: 100 }, (_, index) => index * 4);
  t.same(
    all.filter((target) => !kept.includes(target) && !lost.includes(target)),
    [],
    'kept or escaped',
  );
});

t.test('addresses that come to several registers in turn are widened too, and escape', async (t) => {
  const { join, at, lost } = made();
  for (let target = 0; target < 100; target += 4) {
    const value = makePlaces([{ target, at: 4, via: null, inexact: false }], false);
    join(LOOP, withValue(nothingKnown, 2 + (target % 5), value));
  }
  const kept = [2, 3, 4, 5, 6].flatMap((register) => sitesOf(valueIn(at(LOOP), register)));
  t.equal(kept.length, 17, 'those of the first state and of sixteen changes');
  t.same(
    lost,
    Array.from({ length: 8 }, (_, index) => (17 + index) * 4),
  );
});

t.test('a call made in several states is recorded once, with the join of the states', async (t) => {
  const { procedure, sink } = made();
  const caller = new Procedure('q', 0x2000, 0, false, conventionalSummary);
  const first = procedure.calledBy(caller, 0x2004, 0x2008, counting(1n), sink);
  t.equal(procedure.calledBy(caller, 0x2004, 0x2008, counting(2n), sink), first);
  t.equal(constantOf(valueIn(first.state, 1)), null);
  procedure.calledBy(caller, 0x200c, 0x2010, counting(1n), sink);
  t.equal(procedure.callers.length, 2);
});

t.test('each of many calls is recorded once, in the order they came', async (t) => {
  const { procedure, sink } = made();
  const callers = ['q', 'r'].map((key) => new Procedure(key, 0x2000, 0, false, conventionalSummary));
  const calls = callers.flatMap((caller) =>
    Array.from({ length: 20 }, (_, index) => {
      const at = 0x2000 + index * 4;
      return { caller, at, returnTo: index % 2 === 0 ? at + 4 : null };
    }),
  );
  const record = ({ caller, at, returnTo }: (typeof calls)[number]) =>
    procedure.calledBy(caller, at, returnTo, counting(1n), sink);
  const first = calls.map(record);
  t.equal(new Set(first).size, calls.length);
  t.ok(calls.every((call, index) => record(call) === first[index]));
  t.same(procedure.callers, first, 'in the order they came');
});
