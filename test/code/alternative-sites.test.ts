// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Alternatives by each instruction that they replace or replace others with.

import t from 'tap';
import { AlternativeSites } from '../../lib/code/alternative-sites.js';

t.test('alternatives are found from each of their instructions, in the order of the table', async (t) => {
  const sites = new AlternativeSites();
  const made = (original: number, length: number, replacement: number | null) => ({
    ...{ original, length, replacement, capability: 1 },
  });
  const long = made(0x100, 12, 0x200);
  const inner = made(0x108, 4, 0x20c);
  const callback = made(0x104, 8, null);
  const shared = made(0x300, 4, 0x204);
  for (const one of [long, inner, callback, shared]) sites.add(one);
  t.same(
    [0xfc, 0x100, 0x104, 0x108, 0x10c].map((at) => sites.at(at)),
    [[], [long], [long, callback], [long, inner, callback], []],
  );
  t.same(
    [0x1fc, 0x200, 0x204, 0x208, 0x20c, 0x210].map((at) => sites.replacing(at)),
    [[], [long], [long, shared], [long], [inner], []],
  );
  t.equal(sites.at(0x104)[0], sites.at(0x100)[0], 'the same each time');
});

t.test('a table of alternatives without length replaces nothing', async (t) => {
  const sites = new AlternativeSites();
  sites.add({ original: 0, length: 0, capability: 1, replacement: 8 });
  t.same([sites.at(0), sites.replacing(8)], [[], []]);
});
