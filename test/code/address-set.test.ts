// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { AddressSet } from '../../lib/code/address-set.js';
import { AddressSpace } from '../../lib/code/address-space.js';
import { code } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

t.test('a set holds words of several sections, and ignores addresses outside them', async (t) => {
  const object = await build({
    sections: [
      { name: '.text', flags: code, items: [1, 2, 3] },
      { name: '.hyp.text', flags: code, items: [4, 5] },
    ],
  });
  const space = new AddressSpace(imageOf([object]));
  const [text, hyp] = ['.text', '.hyp.text'].map((name) => space.startOf(object, sectionOf(object, name)));
  const set = new AddressSet(space);
  const all = [text, hyp].flatMap((start = 0) => [-4, 0, 4, 8, 12, 2 ** 32].map((by) => start + by));
  for (const address of all) set.add(address);
  set.add(space.addressOfName('elsewhere'));
  t.same(
    all.filter((address) => set.has(address)).map((address) => address - (text ?? 0)),
    [0, 4, 8, ...[0, 4].map((by) => (hyp ?? 0) + by - (text ?? 0))],
  );
  const empty = new AddressSet(space);
  empty.add((text ?? 0) + 2 ** 32);
  t.notOk(empty.has(text ?? 0), '2 ** 32 further is not the same word, though shifts are modulo 32');
  empty.add((text ?? 0) + 4);
  t.same(
    [0, 4, 8].map((by) => empty.has((text ?? 0) + by)),
    [false, true, false],
  );
});
