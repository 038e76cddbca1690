// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { PatchTables } from '../../lib/code/patch-tables.js';
import { STB } from '../../lib/elf/vocabulary.js';
import { type BuiltSection, code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const nop = 0xd503201f;
const relative = (to: string): Item => ({ word: 0, relocation: { type: 261, to } });

const made = async (sections: readonly BuiltSection[]) => {
  const object = await build({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [nop, { label: 'site' }, nop, nop, { label: 'other' }, nop, { label: 'new' }, nop, nop],
      },
      { name: '.bss', items: [{ label: 'keys' }, { quad: 0n }] },
      ...sections,
    ],
  });
  const space = new AddressSpace(imageOf([object]));
  const text = space.startOf(object, sectionOf(object, '.hyp.text'));
  const startOf = (name: string) => space.startOf(object, sectionOf(object, name));
  return { tables: new PatchTables(space), text, keys: startOf('.bss'), startOf };
};

t.test('a static key has a site and a target; bit 0 of the key: taken while it is off', async (t) => {
  for (const [addend, takenWhenOff] of [
    [0, false],
    [1, true],
    [2, false],
    [3, true],
  ] as const) {
    const { tables, text, keys } = await made([
      {
        name: '__jump_table',
        items: [
          relative('site'),
          relative('other'),
          { quad: 0n, relocation: { type: 260, to: 'keys', addend } },
        ],
      },
    ]);
    t.same(tables.keysAt(text + 4), [{ target: text + 12, key: keys, takenWhenOff }], `flags ${addend}`);
    t.same(tables.keysAt(text + 8), []);
    t.ok(tables.hasKeyTable);
  }
});

t.test('an alternative is found at each original and each replacement instruction', async (t) => {
  const { tables, text } = await made([
    { name: '.altinstructions', items: [relative('site'), relative('new'), 0x0808000b] },
  ]);
  const [one] = tables.alternativesAt(text + 4);
  t.same(one, { original: text + 4, length: 8, capability: 11, replacement: text + 16 });
  t.same(
    [0, 4, 8, 12].map((at) => tables.alternativesAt(text + at).length),
    [0, 1, 1, 0],
  );
  t.same(
    [12, 16, 20, 24].map((at) => tables.executionPlaces(text + at)),
    [[text + 12], [text + 4], [text + 8], [text + 24]],
  );
  t.notOk(tables.hasKeyTable);
});

t.test('a callback is found at each original instruction, and has no replacement', async (t) => {
  const { tables, text } = await made([
    { name: '.altinstructions', items: [relative('site'), relative('callback'), 0x0008001b] },
  ]);
  t.match(tables.alternativesAt(text + 8), [{ capability: null, replacement: null }]);
});

t.test('a faulting instruction has the fixups of both exception tables', async (t) => {
  const { tables, text } = await made([
    { name: '__kvm_ex_table', items: [relative('site'), relative('other')] },
    { name: '__ex_table', items: [relative('site'), relative('new')] },
  ]);
  t.same(tables.fixupsAt(text + 4), [text + 12, text + 16]);
});

t.test('a table of unknown layout is named, and the others are read', async (t) => {
  const { tables, text } = await made([
    { name: '.altinstructions', items: [relative('site'), relative('new'), 0x0404000b, 0] },
    { name: '__ex_table', items: [relative('site'), relative('other')] },
  ]);
  t.same(
    tables.unknown.map(({ section, offset }) => [section.name, offset]),
    [['.altinstructions', 12]],
  );
  t.same(tables.alternativesAt(text + 4), []);
  t.equal(tables.fixupsAt(text + 4).length, 1);
});

t.test('what is patched in the host is read when somebody asks of it', async (t) => {
  const host: BuiltSection = {
    name: '.text',
    flags: code,
    items: [{ label: 'here' }, nop, { label: 'there' }, nop, { label: 'instead' }, nop],
  };
  const { tables, startOf, text } = await made([
    host,
    {
      name: '.altinstructions',
      items: [
        relative('site'),
        relative('new'),
        0x0404000b,
        relative('here'),
        relative('instead'),
        0x0404000c,
      ],
    },
    { name: '__ex_table', items: [relative('here'), relative('there'), relative('site'), relative('other')] },
  ]);
  const start = startOf('.text');
  t.same(tables.hypPlaces(text + 16), [text + 4]);
  t.same(tables.hypPlaces(start + 8), [start + 8], 'nothing else is known of hyp code');
  t.same(tables.fixupsAt(text + 4), [text + 12]);
  t.same(tables.executionPlaces(start + 8), [start], 'nor of the host');
  t.notOk(tables.isInPlace(start + 8));
  t.same(tables.hypPlaces(start + 8), [start]);
  t.match(tables.alternativesAt(start), [{ capability: 12 }]);
  t.match(tables.alternativesAt(text + 4), [{ capability: 11 }], 'once');
  t.same(
    [...tables.edges()],
    [
      [start, start + 4],
      [text + 4, text + 12],
    ],
  );
});

t.test('a site that another object has is found', async (t) => {
  const hyp = await build({
    sections: [{ name: '.hyp.text', flags: code, items: [{ label: 'site', binding: STB.GLOBAL }, nop, nop] }],
  });
  const other = await build({
    sections: [
      { name: '.hyp.text', flags: code, items: [nop] },
      { name: '__ex_table', items: [relative('site'), relative('site')] },
    ],
  });
  const space = new AddressSpace(imageOf([hyp, other]));
  const at = space.startOf(hyp, sectionOf(hyp, '.hyp.text'));
  t.same(new PatchTables(space).fixupsAt(at), [at]);
});
