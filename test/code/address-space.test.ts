// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { AddressSet } from '../../lib/code/address-set.js';
import { AddressSpace } from '../../lib/code/address-space.js';
import { code } from '../support/object-builder.js';
import { build, imageOf, sectionOf, symbolOf } from '../support/objects.js';

const made = async () => {
  const object = await build({
    sections: [
      { name: '.hyp.text', flags: code, items: [0, { label: 'f' }, 0, 0] },
      { name: '.text', flags: code, items: [0, { word: 0, relocation: { type: 283, to: 'elsewhere' } }] },
    ],
  });
  return { object, space: new AddressSpace(imageOf([object])) };
};

t.test('a place becomes an address, and that address the same place', async (t) => {
  const { object, space } = await made();
  for (const section of object.sections.slice(1, 3)) {
    for (const offset of [-4096, 0, 4, 1 << 20]) {
      const address = space.addressOf({ object, section, offset });
      t.same(space.placeOf(address), { object, section, offset }, `${section.name}+${offset}`);
      t.equal(space.nameOf(address), null);
    }
  }
});

t.test('each section and each undefined name has a region of its own', async (t) => {
  const { object, space } = await made();
  const [text, hyp] = ['.text', '.hyp.text'].map((name) => space.startOf(object, sectionOf(object, name)));
  const name = space.addressOfName('elsewhere');
  const regions = [text, hyp, name].map((address) => space.regionOf(address ?? 0));
  t.equal(new Set(regions).size, 3);
  t.equal(space.regionOf(name - 4096), space.regionOf(name + 4096));
  t.equal(space.addressOfName('elsewhere'), name);
  t.equal(space.nameOf(name + 8), 'elsewhere');
  t.equal(space.placeOf(name), null);
});

t.test('the target of a relocation is S + A, also for an undefined symbol', async (t) => {
  const { object, space } = await made();
  const hyp = space.startOf(object, sectionOf(object, '.hyp.text'));
  t.equal(space.targetOf(object, symbolOf(object, 'f'), 4), hyp + 8);
  t.equal(space.targetOf(object, symbolOf(object, 'elsewhere'), 4), space.addressOfName('elsewhere') + 4);
});

t.test('an offset too far from its section has no place, not one in another section', async (t) => {
  const { object, space } = await made();
  const section = sectionOf(object, '.hyp.text');
  const [f, elsewhere] = ['f', 'elsewhere'].map((name) => symbolOf(object, name)) as [number, number];
  space.startOf(object, sectionOf(object, '.text'));
  for (const far of [2 ** 35, 2 ** 36, -(2 ** 36), 2 ** 55, -(2 ** 63), 2 ** 64]) {
    for (const address of [
      space.addressOf({ object, section, offset: far }),
      space.targetOf(object, f, far),
      space.targetOf(object, elsewhere, far),
    ]) {
      t.equal(space.placeOf(address), null, `${far}`);
      t.ok(Number.isSafeInteger(address) && address + 4 > address);
    }
  }
  const near = space.addressOf({ object, section, offset: 2 ** 35 - 4 });
  t.same(space.placeOf(near), { object, section, offset: 2 ** 35 - 4 });
});

t.test('a set of addresses ignores names and offsets behind a section', async (t) => {
  const { object, space } = await made();
  const set = new AddressSet(space);
  const hyp = space.startOf(object, sectionOf(object, '.hyp.text'));
  const text = space.startOf(object, sectionOf(object, '.text'));
  const name = space.addressOfName('elsewhere');
  for (const address of [hyp + 4, name, hyp + 4096]) set.add(address);
  t.same(
    [hyp, hyp + 4, hyp + 8, hyp + 4096, text + 4, name].map((address) => set.has(address)),
    [false, true, false, false, false, false],
  );
});
