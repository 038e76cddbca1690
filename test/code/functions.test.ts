// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import {
  beginsFunction,
  coverAt,
  coversAt,
  coversOf,
  functionsOf,
  nameAt,
} from '../../lib/code/functions.js';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { type Random, randomFrom } from '../execution/random.js';
import { code, type Item } from '../support/object-builder.js';
import { build, open, sectionOf } from '../support/objects.js';
import { assemble, runOn, without } from '../support/tools.js';

const nop = 0xd503201f;

/** The name that covers each instruction of a section. */
const namesOf = async (items: readonly Item[]): Promise<readonly (string | null)[]> => {
  const object = await build({ sections: [{ name: '.hyp.text', flags: code, items }] });
  const section = sectionOf(object, '.hyp.text');
  return Array.from({ length: section.size / 4 }, (_, index) =>
    nameAt({ object, section, offset: index * 4 }),
  );
};

const sized = { type: STT.FUNC } as const;

t.test('a function with a size covers its size and no more', async (t) => {
  t.same(
    await namesOf([
      nop,
      { label: 'f', ...sized },
      nop,
      nop,
      { end: 'f' },
      nop,
      { label: 'g', ...sized },
      nop,
      { end: 'g' },
    ]),
    [null, 'f', 'f', null, 'g'],
  );
});

t.test('a label without a size covers up to the next symbol', async (t) => {
  t.same(await namesOf([{ label: 'a' }, nop, nop, { label: 'b' }, nop, nop]), ['a', 'a', 'b', 'b']);
});

t.test('of several names at one address, one with a size counts, then a global one', async (t) => {
  const three = (...labels: readonly Item[]) => namesOf([...labels, nop]);
  t.same(await three({ label: 'plain' }, { label: 'sized', size: 4 }), ['sized']);
  t.same(await three({ label: 'sized', size: 4 }, { label: 'plain', binding: STB.GLOBAL }), ['sized']);
  t.same(await three({ label: 'local' }, { label: 'global', binding: STB.GLOBAL }), ['global']);
  t.same(await three({ label: 'local', size: 4 }, { label: 'weak', binding: STB.WEAK, size: 4 }), ['weak']);
});

t.test('mapping, section and file symbols and .L labels name no code', async (t) => {
  t.same(
    await namesOf([
      { label: 'f' },
      { label: '$x' },
      nop,
      { label: '.Lloop' },
      { label: '__kvm_nvhe_$d' },
      nop,
      { label: 'file.c', type: STT.FILE },
      nop,
    ]),
    ['f', 'f', 'f'],
  );
});

t.test('a label inside a function with a size covers up to the next symbol', async (t) => {
  // As in the kernel's assembly. The last word is behind g's size, so that nothing covers it.
  t.same(
    await namesOf([
      { label: 'f', type: STT.FUNC, size: 12 },
      nop,
      { label: 'inner' },
      nop,
      nop,
      { label: 'g', type: STT.FUNC, size: 4 },
      nop,
      nop,
    ]),
    ['f', 'inner', 'inner', 'g', null],
  );
});

t.test('symbols with a size or value outside the section do no harm', async (t) => {
  const object = await build({
    sections: [{ name: '.hyp.text', flags: code, items: [{ label: 'f', size: 1 << 30 }, nop, nop] }],
    symbols: [{ name: 'far', in: { section: '.hyp.text' }, value: 1 << 20, size: 4 }],
  });
  const section = sectionOf(object, '.hyp.text');
  t.equal(nameAt({ object, section, offset: 4 }), 'f');
  t.equal(nameAt({ object, section, offset: 1 << 20 }), 'far');
  t.equal(nameAt({ object, section, offset: -4 }), null);
  t.same(
    coversOf(object, section).map(({ name }) => name),
    ['f', 'far'],
  );
});

t.test(
  'each instruction has the name that objdump gives it',
  { skip: without('aarch64-linux-gnu-as', 'aarch64-linux-gnu-objdump') },
  async (t) => {
    const bytes = assemble(`
      .section .hyp.text, "ax"
      .global first
      .type first, %function
      first: nop
      nop
      .size first, . - first
      .global second
      second: nop
      third: nop
      nop
    `);
    const object = await open(bytes);
    const section = sectionOf(object, '.hyp.text');
    const listing = runOn('aarch64-linux-gnu-objdump', ['-d', '-j', '.hyp.text'], bytes);
    let current = '';
    for (const line of listing.split('\n')) {
      const heading = /^[0-9a-f]+ <(.*)>:$/.exec(line);
      if (heading) current = heading[1] ?? '';
      const offset = /^ +([0-9a-f]+):\t/.exec(line);
      if (offset)
        t.equal(nameAt({ object, section, offset: Number.parseInt(offset[1] ?? '', 16) }), current, line);
    }
    const cover = coverAt({ object, section, offset: 4 });
    t.match(cover, { name: 'first', start: 0, end: 8, sized: true });
  },
);

const sizedAt = (label: string, ...words: readonly Item[]): readonly Item[] => [
  { label, ...sized },
  ...words,
  { end: label },
];

const functionsIn = async (items: readonly Item[], name = '.hyp.text') => {
  const object = await build({ sections: [{ name, flags: code, items }] });
  return functionsOf(object, sectionOf(object, name));
};

t.test('the function around an offset is the outermost one that covers it', async (t) => {
  const functions = await functionsIn([
    { label: 'f', ...sized, size: 16 },
    nop,
    ...sizedAt('entry', nop, nop),
    nop,
    nop,
    ...sizedAt('g', nop),
  ]);
  t.same(functions.extentAt(8), { start: 0, end: 16 });
  t.same(functions.extentAt(12), { start: 0, end: 16 });
  t.same(functions.extentAt(20), { start: 20, end: 24 });
  t.same(
    functions.extentAt(16),
    { start: 4, end: 20 },
    'behind a function: from the entry before to the next',
  );
  t.same(
    [0, 4, 8, 20].map((at) => functions.isStart(at)),
    [true, true, false, true],
  );
});

t.test(
  'where no sized function is, labels separate functions in hyp code, but not in host code',
  async (t) => {
    const items = [
      nop,
      { label: 'a' },
      nop,
      { label: '$d' },
      { label: 'slot' },
      nop,
      { label: '$x' },
      { label: '.Lb' },
      nop,
    ];
    const hyp = await functionsIn(items);
    t.same(hyp.extentAt(4), { start: 4, end: 16 });
    t.same(
      [0, 4, 8, 12].map((at) => hyp.isEntry(at)),
      [false, true, false, false],
      'labels of data and .L labels do not count',
    );
    const host = await functionsIn(items, '.text');
    t.same(host.extentAt(4), { start: 0, end: 16 });
    t.notOk(host.isEntry(4));
    t.same(host.labelsIn(0, 16), [4], 'labelsIn() gives the label');
  },
);

t.test('labelsIn() gives the labels of a range, without one at its start', async (t) => {
  const functions = await functionsIn(
    [...sizedAt('f', nop, { label: 'a' }, nop, nop), { label: 'b' }, nop],
    '.text',
  );
  t.same(functions.labelsIn(0, 12), [4]);
  t.same(functions.labelsIn(4, 16), [12]);
});

t.test('a size beyond the section is cut at its end', async (t) => {
  const functions = await functionsIn([{ label: 'f', ...sized, size: 2 ** 40 }, nop, nop]);
  t.same(functions.extentAt(4), { start: 0, end: 8 });
});

t.test('a function symbol without a name is ignored', async (t) => {
  const object = await build({
    sections: [{ name: '.hyp.text', flags: code, items: [nop] }],
    symbols: [{ name: '', in: { section: '.hyp.text' }, type: STT.FUNC, size: 4 }],
  });
  const section = sectionOf(object, '.hyp.text');
  t.same(coversOf(object, section), []);
  t.notOk(functionsOf(object, section).isStart(0));
});

t.test('coversAt() gives all symbols at a place, in table order', async (t) => {
  const object = await build({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [nop, { label: 'a' }, { label: 'b' }, nop, { label: 'c' }, nop],
      },
    ],
  });
  const namesAt = (offset: number) =>
    coversAt({ object, section: sectionOf(object, '.hyp.text'), offset }).map(({ name }) => name);
  t.same([0, 4, 8, 12].map(namesAt), [[], ['a', 'b'], ['c'], []]);
});

/** Symbols at random places of a section, some of them at one, some no names of code. */
const randomItems = (random: Random): readonly Item[] => {
  const open: string[] = [];
  return Array.from({ length: 30 }, (_, index): readonly Item[] => {
    const items: Item[] = [nop];
    for (let count = random.below(4); count > 0; count--) {
      const label = random.pick(['f', 'g', '$x.', '$d.', '.L', 'l']) + index * 4 + count;
      const isFunction = /^[fg]/.test(label);
      items.unshift({
        label,
        type: isFunction ? STT.FUNC : STT.NOTYPE,
        binding: random.pick([STB.LOCAL, STB.GLOBAL]),
      });
      if (isFunction && random.chance(0.7)) open.push(label);
    }
    const end = random.chance(0.3) ? open.shift() : undefined;
    return end === undefined ? items : [...items, { end }];
  }).flat();
};

t.test('a name is the same however it is looked for, and so is where a function begins', async (t) => {
  let [names, beginnings] = [0, 0];
  const wrong: string[] = [];
  for (let seed = 1; seed <= 60; seed++) {
    const items = randomItems(randomFrom(seed));
    const parts = async () => {
      const object = await build({ sections: [{ name: '.text', flags: code, items }] });
      return { object, section: sectionOf(object, '.text') };
    };
    const covered = await parts();
    functionsOf(covered.object, covered.section);
    const ordered = await parts();
    ordered.object.symbols.inSection(ordered.section.index);
    for (let offset = 0; offset < covered.section.size; offset += 2) {
      const expected = coverAt({ ...covered, offset })?.name ?? null;
      // Without order, a few only are looked for.
      const found = [nameAt({ ...ordered, offset }), nameAt({ ...(await parts()), offset })];
      const isEntry = functionsOf(covered.object, covered.section).isEntry(offset);
      if (expected !== null) names++;
      if (isEntry) beginnings++;
      const isSame =
        found.every((name) => name === expected) &&
        beginsFunction(ordered.object, ordered.section, offset) === isEntry;
      if (!isSame) wrong.push(`seed ${seed}, at ${offset}: ${found}, not ${expected}`);
    }
  }
  t.same(wrong, []);
  t.ok(names > 1000 && beginnings > 200, `${names} names, ${beginnings} beginnings`);
});
