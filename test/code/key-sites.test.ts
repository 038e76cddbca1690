// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The sites of static keys by address, whatever the order of the tables.

import t from 'tap';
import { KeySites } from '../../lib/code/key-sites.js';

t.test('all key sites of an address are found, in the order of the tables', async (t) => {
  const sites = new KeySites();
  sites.add(0x30, 0x40, 0x1001);
  sites.add(0x10, 0x20, 0x1002);
  sites.add(0x30, 0x50, 0x2000);
  t.same(sites.at(0x10), [{ target: 0x20, key: 0x1000, takenWhenOff: false }]);
  t.same(sites.at(0x30), [
    { target: 0x40, key: 0x1000, takenWhenOff: true },
    { target: 0x50, key: 0x2000, takenWhenOff: false },
  ]);
  t.same(sites.at(0x20), []);
  t.same(
    [...sites.edges()],
    [
      [0x30, 0x40],
      [0x10, 0x20],
      [0x30, 0x50],
    ],
  );
  sites.add(0x8, 0xc, 0x3000);
  t.equal(sites.at(0x8).length, 1, 'a site that is added after a look-up');
});
