// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { STB } from '../../lib/elf/vocabulary.js';
import type { PlacedTarget } from '../../lib/link/place.js';
import { code } from '../support/object-builder.js';
import { build, imageOf, sectionOf, symbolOf } from '../support/objects.js';

const nop = 0xd503201f;

const calls = (...names: readonly string[]) =>
  names.map((to) => ({ word: 0x94000000, relocation: { type: 283, to } }));

/** A target as text. */
const shown = (target: PlacedTarget): string => {
  switch (target.kind) {
    case 'place': {
      const { object, section, offset } = target.place;
      return `${object.path} ${section.name}+${offset} as ${target.symbol} by ${target.alias}`;
    }
    case 'undefined':
      return `undefined ${target.name}${target.weak ? ' weak' : ''} for ${target.aliasOf}`;
    default:
      return `${target.kind} ${target.name}`;
  }
};

t.test('a symbol of the object itself is resolved by its kind, with its addend', async (t) => {
  const object = await build({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [nop, { label: 'f', binding: STB.GLOBAL }, ...calls('.text', 'f')],
      },
      { name: '.text', flags: code, items: [nop] },
    ],
    symbols: [
      { name: 'number', in: 'ABS', value: 5 },
      { name: 'shared', in: 'COMMON', size: 8 },
      { name: 'maybe', in: 'UND', binding: STB.WEAK },
    ],
  });
  const image = imageOf([object]);
  const resolve = (name: string, addend = 0) => shown(image.resolve(object, symbolOf(object, name), addend));
  t.equal(resolve('f'), 'test.o .hyp.text+4 as f by null');
  t.equal(resolve('f', 8), 'test.o .hyp.text+12 as f by null', 'S + A');
  t.equal(resolve('number'), 'absolute number');
  t.equal(resolve('shared'), 'common shared');
  t.equal(resolve('maybe'), 'undefined maybe weak for null');
  const text = object.symbols
    .inSection(sectionOf(object, '.text').index)
    .find((symbol) => object.symbols.isSection(symbol));
  t.equal(
    shown(image.resolve(object, text ?? 0, 0)),
    'test.o .text+0 as null by null',
    'a section symbol has no name',
  );
});

const link = async () => {
  const hyp = await build(
    {
      sections: [
        {
          name: '.hyp.text',
          flags: code,
          items: calls('other', '__kvm_nvhe_host', '__kvm_nvhe_gone', 'local', 'nobody'),
        },
      ],
    },
    'hyp.o',
  );
  const second = await build(
    {
      sections: [
        {
          name: '.text',
          flags: code,
          items: [nop, { label: 'other', binding: STB.GLOBAL }, { label: 'local' }, nop],
        },
        { name: '.data', items: [{ label: 'host', binding: STB.WEAK }, { quad: 0n }] },
      ],
    },
    'second.o',
  );
  return { hyp, second };
};

const aliases = new Map([
  ['__kvm_nvhe_host', 'host'],
  ['__kvm_nvhe_gone', 'gone'],
]);

t.test('an undefined symbol is looked up in the other objects, then among the aliases', async (t) => {
  const { hyp, second } = await link();
  const image = imageOf([hyp, second], { aliases });
  const resolve = (name: string, addend = 0) => shown(image.resolve(hyp, symbolOf(hyp, name), addend));
  t.equal(resolve('other', 4), 'second.o .text+8 as other by null');
  t.equal(resolve('__kvm_nvhe_host'), 'second.o .data+0 as host by __kvm_nvhe_host');
  t.equal(resolve('__kvm_nvhe_gone'), 'undefined __kvm_nvhe_gone for gone');
  t.equal(resolve('local'), 'undefined local for null', 'local symbols do not count in other objects');
  t.equal(resolve('nobody'), 'undefined nobody for null');
});

t.test('witnesses define the targets of aliases only, and are read once, when needed', async (t) => {
  const { hyp, second } = await link();
  let asked = 0;
  const witnesses = () => {
    asked++;
    return [second];
  };
  const { Image } = await import('../../lib/link/image.js');
  const image = new Image([hyp], { whole: false, aliases, witnesses });
  t.equal(image.whole, false);
  t.equal(asked, 0, 'they are not read before they are needed');
  const resolve = (name: string) => shown(image.resolve(hyp, symbolOf(hyp, name), 0));
  t.equal(resolve('__kvm_nvhe_host'), 'second.o .data+0 as host by __kvm_nvhe_host');
  t.equal(resolve('other'), 'undefined other for null', 'not the target of an alias');
  t.equal(asked, 1, 'read once');
});

t.test('witnesses are not read if the objects define the target', async (t) => {
  const { hyp, second } = await link();
  const { Image } = await import('../../lib/link/image.js');
  const image = new Image([hyp, second], {
    whole: true,
    aliases: new Map([['__kvm_nvhe_host', 'host']]),
    witnesses: () => {
      throw new Error('asked');
    },
  });
  t.equal(
    shown(image.resolve(hyp, symbolOf(hyp, '__kvm_nvhe_host'), 0)),
    'second.o .data+0 as host by __kvm_nvhe_host',
  );
});
