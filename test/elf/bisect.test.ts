// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { firstWhere, lastNotAbove } from '../../lib/elf/bisect.js';

t.test('firstWhere() gives the first index that fits, or the number of elements', async (t) => {
  for (let count = 0; count < 9; count++) {
    for (let first = 0; first <= count; first++) {
      t.equal(
        firstWhere(count, (index) => index >= first),
        first,
        `${first} of ${count}`,
      );
    }
  }
});

t.test('lastNotAbove() gives the last index whose number is not above a limit, or -1', async (t) => {
  const sorted = [0, 4, 4, 4, 12];
  const rows: readonly (readonly [number, number])[] = [
    [-1, -1],
    [0, 0],
    [3, 0],
    [4, 3],
    [11, 3],
    [12, 4],
    [1000, 4],
  ];
  for (const [limit, index] of rows) t.equal(lastNotAbove(sorted, limit), index, `${limit}`);
  t.equal(lastNotAbove([], 5), -1);
});
