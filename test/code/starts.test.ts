// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Entries by their addresses, of which several may have one and some none.

import t from 'tap';
import { Starts } from '../../lib/code/starts.js';

t.test('the entries of an address are found in the order in which they were added', async (t) => {
  const starts = new Starts();
  const far = 2 ** 40 + 4;
  for (const address of [8, far, null, 8, 0]) starts.add(address);
  t.same(
    [8, far, 0, 4].map((address) => starts.at(address)),
    [[0, 3], [1], [4], []],
  );
  starts.add(far);
  t.same(starts.at(far), [1, 5], 'one that is added after a look-up');
});
