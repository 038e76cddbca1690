// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The sites of static keys by address, whatever the order of the tables.

import t from 'tap';
import { KeySites } from '../../lib/code/key-sites.js';
import type { PatchRows } from '../../lib/code/table-layouts.js';

const tableOf = (...entries: readonly (readonly (number | undefined)[])[]): PatchRows<number> => ({
  count: entries.length,
  offset: (row) => row * 16,
  place: (row, field) => entries[row]?.[field],
});

t.test('all key sites of an address are found, in the order of the tables', async (t) => {
  const sites = new KeySites();
  const changed: number[] = [];
  const add = (...entries: readonly (readonly (number | undefined)[])[]) =>
    sites.addTable(tableOf(...entries), (site) => changed.push(site));
  add();
  add([0x30, 0x40, 0x1001], [0x10, 0x20, 0x1002]);
  add();
  add([undefined, 0x60, 0x3000], [0x30, 0x50, 0x2000], [0x18, undefined, 0x3000]);
  add();
  t.same(sites.at(0x10), [{ target: 0x20, key: 0x1000, takenWhenOff: false }]);
  t.same(sites.at(0x30), [
    { target: 0x40, key: 0x1000, takenWhenOff: true },
    { target: 0x50, key: 0x2000, takenWhenOff: false },
  ]);
  t.same(sites.at(0x20), []);
  t.same(sites.at(0x18), [], 'it leads nowhere');
  t.same(
    [...sites.edges()],
    [
      [0x30, 0x40],
      [0x10, 0x20],
      [0x30, 0x50],
    ],
  );
  add([0x8, 0xc, 0x3000]);
  t.equal(sites.at(0x8).length, 1, 'a site that is added after a look-up');
  t.same(changed, [0x30, 0x10, 0x30, 0x18, 0x8]);
});
