// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { AddressSet } from '../../lib/code/address-set.js';
import { AddressSpace } from '../../lib/code/address-space.js';
import { WordSet } from '../../lib/code/word-set.js';
import { code } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

t.test('words of a section are added together, and those of another set taken out', async (t) => {
  const items = Array.from({ length: 70 }, (_, index) => index);
  const object = await build({
    sections: ['.text', '.hyp.text'].map((name) => ({ name, flags: code, items })),
  });
  const space = new AddressSpace(imageOf([object]));
  const [text = 0, hyp = 0] = ['.text', '.hyp.text'].map((name) =>
    space.startOf(object, sectionOf(object, name)),
  );
  const words = new WordSet(280);
  for (const index of [0, 31, 32, 69]) words.add(index);
  const set = new AddressSet(space);
  set.add(hyp + 4);
  set.add(text);
  set.addAll(hyp, words);
  set.addAll(space.addressOfName('elsewhere'), words);
  const held = (start: number) => items.filter((index) => set.has(start + index * 4));
  t.same([held(text), held(hyp)], [[0], [0, 1, 31, 32, 69]]);
  const other = new AddressSet(space);
  for (const address of [hyp, hyp + 32 * 4, hyp + 8]) other.add(address);
  set.removeAll(other);
  t.same([held(text), held(hyp)], [[0], [1, 31, 69]]);
});

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
