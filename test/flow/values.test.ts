// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Joins of values: what holds of both is kept, and each address is kept or lost.

import t from 'tap';
import {
  type AddressSink,
  bitsOf,
  constant,
  joinValues,
  makeBits,
  makePlaces,
  type Site,
  sitesOf,
  weaken,
} from '../../lib/flow/values.js';

const site = (target: number, at = 4): Site => ({ target, at, via: null, inexact: false });

const listener = () => {
  const lost: number[] = [];
  const sink: AddressSink = { used: () => {}, lost: ({ target }) => lost.push(target) };
  return { sink, lost };
};

t.test('joined numbers keep their common bits, and bounds grow in powers of two', async (t) => {
  const { sink } = listener();
  const joined = bitsOf(joinValues(constant(0x11n), constant(0x13n), sink));
  t.equal(joined.ones, 0x11n);
  t.equal(joined.zeros & 0x7fn, 0x6cn);
  t.equal(joined.max, 0x13n, 'known zeros bound it closer than 0x1f does');
  t.equal(bitsOf(joinValues(makeBits(0n, 0n, 5n), makeBits(0n, 0n, 9n), sink)).max, 15n);
  t.equal(bitsOf(joinValues(makeBits(0n, 0n, 9n), makeBits(0n, 0n, 9n), sink)).max, 9n, 'equal bounds stay');
});

t.test('a joined value stays marked as a copy only if the same MOV made both', async (t) => {
  const { sink } = listener();
  const copy = (value: bigint, mark: number) => ({ ...bitsOf(constant(value)), copy: mark });
  t.equal(bitsOf(joinValues(copy(1n, 8), copy(2n, 8), sink)).copy, 8);
  t.equal(bitsOf(joinValues(copy(1n, 8), copy(2n, 12), sink)).copy, null);
});

t.test('a join of an address with anything keeps the address possible', async (t) => {
  const { sink, lost } = listener();
  const f = makePlaces([site(0x100)], false);
  t.same(joinValues(f, null, sink), makePlaces([site(0x100)], true), 'with an unknown value');
  t.same(joinValues(constant(0n), f, sink), makePlaces([site(0x100)], true));
  t.same(
    joinValues(f, makePlaces([site(0x200)], false), sink),
    makePlaces([site(0x100), site(0x200)], false),
  );
  t.same(weaken(f), makePlaces([site(0x100)], true));
  t.equal(weaken(constant(1n)), null);
  t.same(lost, []);
});

t.test('if a join has more than eight addresses, all of them escape', async (t) => {
  const { sink, lost } = listener();
  const places = (from: number, count: number) =>
    makePlaces(
      Array.from({ length: count }, (_, index) => site(from + index * 4)),
      false,
    );
  t.equal(sitesOf(joinValues(places(0, 4), places(64, 4), sink)).length, 8);
  t.same(lost, []);
  t.equal(joinValues(places(0, 4), places(64, 5), sink), null);
  t.same(lost, [0, 4, 8, 12, 64, 68, 72, 76, 80]);
});

t.test('one address formed in two places is kept as two', async (t) => {
  t.equal(sitesOf(makePlaces([site(8, 4), site(8, 12), site(8, 4)], false)).length, 2);
  t.equal(makePlaces([], true), null);
});
