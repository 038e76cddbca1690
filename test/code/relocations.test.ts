// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { relocationsOf } from '../../lib/code/relocations.js';
import { SHT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

const call = (to: string, addend = 0): Item => ({ word: 0x94000000, relocation: { type: 283, to, addend } });

const relocationsIn = async (items: readonly Item[], relocationType?: number) => {
  const object = await build({
    sections: [
      { name: '.text', flags: code, items, ...(relocationType === undefined ? {} : { relocationType }) },
    ],
  });
  return relocationsOf(object, sectionOf(object, '.text'));
};

t.test('a relocation is found by its exact offset', async (t) => {
  const relocations = await relocationsIn([0, call('f'), 0, call('g', 8)]);
  t.equal(relocations.at(0), null);
  t.match(relocations.at(4), { offset: 4, type: 283, addend: 0 });
  t.match(relocations.at(12), { offset: 12, type: 283, addend: 8 });
  t.equal(relocations.at(6), null);
  t.equal(relocations.at(1 << 20), null);
});

t.test('of several relocations at one offset at() gives the first, within() all', async (t) => {
  const relocations = await relocationsIn([
    {
      word: 0,
      relocation: [
        { type: 283, to: 'f' },
        { type: 282, to: 'g' },
      ],
    },
  ]);
  t.equal(relocations.at(0)?.type, 283);
  t.same(
    [...relocations.within(0, 4)].map(({ type }) => type),
    [283, 282],
  );
});

t.test('within() gives the relocations of a range, without its end', async (t) => {
  const relocations = await relocationsIn([call('f'), call('g'), call('h'), call('i')]);
  const offsets = (start: number, end: number) =>
    [...relocations.within(start, end)].map(({ offset }) => offset);
  t.same(offsets(0, 16), [0, 4, 8, 12]);
  t.same(offsets(4, 12), [4, 8]);
  t.same(offsets(5, 8), []);
  t.same(offsets(8, 8), []);
});

t.test('relocations of a large section are found, across pages', async (t) => {
  const many = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? call('f', index) : 0));
  const relocations = await relocationsIn(many);
  for (const index of [0, 2, 16_382, 16_384, 16_386, 19_998])
    t.equal(relocations.at(index * 4)?.addend, index, `${index}`);
  t.equal(relocations.at(16_383 * 4), null);
  t.same(
    [...relocations.within(65_528, 65_544)].map(({ addend }) => addend),
    [16_382, 16_384],
  );
});

t.test('relocations without addends (SHT_REL) are ignored', async (t) => {
  const relocations = await relocationsIn([call('f')], SHT.REL);
  t.equal(relocations.at(0), null);
});
