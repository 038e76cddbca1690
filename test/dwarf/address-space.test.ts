// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How an address is represented, in a relocatable object and in a linked image.

import t from 'tap';
import { ABSOLUTE, AddressSpace, holds, NOWHERE } from '../../lib/dwarf/address-space.js';
import { ET, SHF } from '../../lib/elf/vocabulary.js';
import { code } from '../support/object-builder.js';
import { build, sectionOf, symbolOf } from '../support/objects.js';

const BASE = 0xffff_8000_1008_0000n;

const made = async (type: number) => {
  const object = await build({
    type,
    sections: [
      { name: '.comment', flags: 0, address: 0x1234n },
      { name: '.head', flags: SHF.ALLOC, address: 0n },
      { name: '.text', flags: code, address: BASE, items: [1, { label: 'f' }, 2] },
      {
        name: '.data',
        flags: SHF.ALLOC | SHF.WRITE,
        address: BASE + 0x1000n,
        items: [
          { quad: 0n, relocation: { type: 257, to: 'f', addend: 8 } },
          { quad: 0n, relocation: { type: 257, to: 'nowhere', addend: 8 } },
        ],
      },
    ],
  });
  return {
    object,
    space: new AddressSpace(object),
    text: sectionOf(object, '.text'),
    data: sectionOf(object, '.data'),
  };
};

t.test('in a relocatable object an address is a section and an offset', async (t) => {
  const { object, space, text } = await made(ET.REL);
  t.equal(space.relocatable, true);
  t.same(space.placeIn(text, 4), { section: text.index, offset: 4 });
  t.same(
    space.fromNumber(16n),
    { section: NOWHERE, offset: 16 },
    'a number without a relocation is not an address',
  );
  const table = object.relocations(sectionOf(object, '.rela.data'));
  const placed = [0, 1].map((index) => space.relocated(table, index));
  t.same(placed, [
    { section: text.index, offset: 12 },
    { section: 0, offset: 8 },
  ]);
});

t.test('in an image an address is a number, relative to the first allocated section with one', async (t) => {
  const { space, text, data } = await made(ET.EXEC);
  t.equal(space.relocatable, false);
  t.same(space.placeIn(text, 4), { section: ABSOLUTE, offset: 4 });
  t.same(space.placeIn(data, 0), { section: ABSOLUTE, offset: 0x1000 });
  t.same(space.fromNumber(BASE + 8n), { section: ABSOLUTE, offset: 8 });
  t.same(space.fromNumber(BASE - 8n), { section: ABSOLUTE, offset: -8 });
  for (const offset of [8, -8]) t.equal(space.numberOf({ section: ABSOLUTE, offset }), BASE + BigInt(offset));
  t.equal(space.numberOf({ section: ABSOLUTE, offset: 2 ** 48 }), BigInt.asUintN(64, BASE + (1n << 48n)));
});

t.test('a symbol needs an addend to reach a place, and cannot reach another section', async (t) => {
  const { object, space, text } = await made(ET.REL);
  const f = symbolOf(object, 'f');
  t.equal(space.addendFor(f, { section: text.index, offset: 12 }), 8);
  t.equal(space.addendFor(f, { section: text.index + 1, offset: 12 }), null);
});

t.test('a relocation fills 8, 4, 2 or 0 bytes; other types have no known width', async (t) => {
  const { space } = await made(ET.REL);
  t.same(
    [0, 256, 257, 258, 259, 260].map((type) => space.widthOf(type)),
    [0, 0, 8, 4, 2, null],
  );
});

t.test('a range contains its start, but not its end', async (t) => {
  const range = { section: 1, start: 4, end: 8 };
  t.same(
    [0, 4, 7, 8].map((offset) => holds(range, { section: 1, offset })),
    [false, true, true, false],
  );
  t.equal(holds(range, { section: 2, offset: 4 }), false);
});
