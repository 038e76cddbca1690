// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { firstWhere, lastNotAbove } from '../../lib/elf/bisect.js';

t.test('the first index behind a limit, whatever the number of elements', async (t) => {
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

t.test('the last number that is not above a limit; of equal ones the last', async (t) => {
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
