// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// sortedOrder against a sort with a function.

import fc from 'fast-check';
import t from 'tap';
import { sortedOrder } from '../../lib/elf/sorted-order.js';

const expected = (keys: readonly number[]): readonly number[] =>
  [...keys.keys()].sort((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0) || one - other);

const orderOf = (keys: readonly number[]): readonly number[] => [
  ...sortedOrder(keys.length, (place) => keys[place] ?? 0),
];

t.test('things come by their keys, equal ones as they stand', async (t) => {
  const few = fc.nat({ max: 5 });
  const any = fc.oneof(
    few,
    fc.nat({ max: 2 ** 31 - 1 }),
    fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 52, 2 ** 63),
  );
  for (const key of [few, any])
    fc.assert(fc.property(fc.array(key), (keys) => t.same(orderOf(keys), expected(keys))));
});

t.test('more things than fit behind a key', async (t) => {
  const keys = Array.from({ length: 2 ** 21 + 5 }, (_, place) => (place * 7919) % 1000);
  const order = orderOf(keys);
  t.equal(order.length, keys.length);
  let wrong = 0;
  for (let place = 1; place < order.length; place++) {
    const [one = 0, other = 0] = [order[place - 1], order[place]];
    const [before = 0, after = 0] = [keys[one], keys[other]];
    if (before > after || (before === after && one >= other)) wrong++;
  }
  t.equal(wrong, 0);
});
