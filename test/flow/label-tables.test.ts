// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which slots of tables of labels an address leads to.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { SHF, STT } from '../../lib/elf/vocabulary.js';
import { LabelTables } from '../../lib/flow/label-tables.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const slot = { quad: 0n };
const object = { type: STT.OBJECT };

const made = async () => {
  const one = await build({
    sections: [
      {
        name: '.rodata',
        flags: SHF.ALLOC,
        items: [
          ...[{ label: 'a', ...object }, slot, slot, { end: 'a' }],
          ...[{ label: 'b', ...object }, slot, { end: 'b' }],
          ...[slot, slot],
        ],
      },
      { name: '.data', flags: SHF.ALLOC | SHF.WRITE, items: [slot] },
    ],
  });
  const space = new AddressSpace(imageOf([one]));
  const rodata = space.startOf(one, sectionOf(one, '.rodata'));
  const data = space.startOf(one, sectionOf(one, '.data'));
  const slots = [0, 8, 16, 24].map((offset) => ({ at: rodata + offset, target: 1000 + offset }));
  const tables = new LabelTables(space, slots);
  const at = (address: number, isInexact = false) =>
    tables
      .at(address, isInexact)
      .flatMap(({ slots }) => slots)
      .map(({ target }) => target - 1000);
  return { at, rodata, data, tables };
};

t.test('an exact address leads to the slots of its variable and to those without one', async (t) => {
  const { at, rodata, data, tables } = await made();
  t.same(at(rodata + 32), [24], 'behind all variables');
  t.same(at(rodata), [0, 8, 24], 'slots without a symbol may be of a table that begins here');
  t.same(at(rodata + 4), [0, 8, 24], 'an address inside it');
  t.same(at(rodata + 16), [16, 24]);
  t.same(at(rodata + 40), [], 'behind the last slot');
  t.same(at(data), []);
  t.equal(tables.all.length, 3);
});

t.test('an inexact address stays in its variable, or in the section if it has none', async (t) => {
  const { at, rodata } = await made();
  t.same(at(rodata, true), [0, 8, 24]);
  t.same(at(rodata + 32, true), [0, 8, 16, 24]);
});

t.test('a table is near what is in its section', async (t) => {
  const { rodata, data, tables } = await made();
  for (const offset of [0, 4, 24, 39]) t.equal(tables.areNear(rodata + offset), true, `${offset}`);
  t.equal(tables.areNear(data), false);
});

t.test('variables that overlap are one table, whatever the order of their slots', async (t) => {
  const one = await build({
    sections: [
      {
        name: '.rodata',
        flags: SHF.ALLOC,
        items: [
          ...[{ label: 'first', ...object }, slot, { end: 'first' }],
          ...[{ label: 'outer', ...object }, slot],
          ...[{ label: 'inner', ...object }, slot, { end: 'inner' }],
          ...[slot, { end: 'outer' }],
          ...[{ label: 'last', ...object }, slot, { end: 'last' }],
        ],
      },
    ],
  });
  const space = new AddressSpace(imageOf([one]));
  const rodata = space.startOf(one, sectionOf(one, '.rodata'));
  const slots = [32, 24, 16, 8, 0].map((offset) => ({ at: rodata + offset, target: offset }));
  const tables = new LabelTables(space, slots);
  const at = (offset: number) =>
    tables
      .at(rodata + offset, false)
      .flatMap(({ slots }) => slots)
      .map(({ target }) => target);
  t.same(at(0), [0]);
  for (const offset of [8, 16, 24]) t.same(at(offset), [8, 16, 24], `${offset}`);
  t.same(at(32), [32]);
  t.equal(tables.all.length, 3);
});
