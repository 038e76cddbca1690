// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// OffsetLists against a Map of arrays.

import fc from 'fast-check';
import t from 'tap';
import { OffsetLists } from '../../lib/code/offset-lists.js';

t.test('each key has its offsets, in the order in which they were given', async (t) => {
  const pair = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 2 ** 31 }));
  fc.assert(
    fc.property(fc.array(pair), (pairs) => {
      const model = new Map<number, number[]>();
      for (const [key, offset] of pairs) model.set(key, [...(model.get(key) ?? []), offset]);
      const lists = new OffsetLists(
        pairs.map(([key]) => key),
        pairs.map(([, offset]) => offset),
      );
      for (let key = 0; key < 12; key++) t.same(lists.of(key), model.get(key) ?? []);
    }),
  );
});
