// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { coverAt, coversOf, nameAt } from '../../lib/code/functions.js';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, open, sectionOf } from '../support/objects.js';
import { assemble, runOn, without } from '../support/tools.js';

const nop = 0xd503201f;

/** The names that cover each instruction of a section. */
const namesOf = async (items: readonly Item[]): Promise<readonly (string | null)[]> => {
  const object = await build({ sections: [{ name: '.hyp.text', flags: code, items }] });
  const section = sectionOf(object, '.hyp.text');
  return Array.from({ length: section.size / 4 }, (_, index) =>
    nameAt({ object, section, offset: index * 4 }),
  );
};

const sized = { type: STT.FUNC } as const;

t.test('a sized function covers its size and no more', async (t) => {
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

t.test('a label without size covers up to the next', async (t) => {
  t.same(await namesOf([{ label: 'a' }, nop, nop, { label: 'b' }, nop, nop]), ['a', 'a', 'b', 'b']);
});

t.test('of several names at one address: with a size, then global', async (t) => {
  const three = (...labels: readonly Item[]) => namesOf([...labels, nop]);
  t.same(await three({ label: 'plain' }, { label: 'sized', size: 4 }), ['sized']);
  t.same(await three({ label: 'sized', size: 4 }, { label: 'plain', binding: STB.GLOBAL }), ['sized']);
  t.same(await three({ label: 'local' }, { label: 'global', binding: STB.GLOBAL }), ['global']);
  t.same(await three({ label: 'local', size: 4 }, { label: 'weak', binding: STB.WEAK, size: 4 }), ['weak']);
});

t.test('what names nothing: mapping, section and file symbols, .L labels', async (t) => {
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

t.test('a label inside a sized function has its own part; behind it nobody does', async (t) => {
  // The kernel's assembly has labels within functions; a label's end is the next symbol, not the function's.
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

t.test('symbols that lie: sizes beyond the section, values outside', async (t) => {
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
  'each instruction of a real section, against objdump',
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
