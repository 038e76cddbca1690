// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { mappingKind, runsOf } from '../../lib/code/mapping-symbols.js';
import { STT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

const nop = 0xd503201f;

const runsIn = async (items: readonly Item[]) => {
  const object = await build({ sections: [{ name: '.hyp.text', flags: code, items }] });
  return runsOf(object, sectionOf(object, '.hyp.text'));
};

t.test('$x and $d are mapping symbols, also with a suffix or the nVHE prefix', async (t) => {
  // [AAELF64 "Mapping symbols"]: $x, $d, and either with a suffix; objcopy --prefix-symbols prefixes them.
  const names: readonly (readonly [string, 'x' | 'd' | null])[] = [
    ['$x', 'x'],
    ['$d', 'd'],
    ['$x.12', 'x'],
    ['$d.realdata', 'd'],
    ['__kvm_nvhe_$x', 'x'],
    ['__kvm_nvhe_$d.3', 'd'],
    ['$a', null],
    ['$xylophone', null],
    ['x', null],
    ['', null],
    ['foo$x', null],
  ];
  for (const [name, kind] of names) t.equal(mappingKind(name), kind, name);
});

t.test('without mapping symbols the whole section is code, and nothing outside it', async (t) => {
  const runs = await runsIn([nop, nop]);
  t.same(
    [-4, 0, 2, 4, 8].map((offset) => runs.isCode(offset)),
    [false, true, false, true, false],
  );
  t.same([...runs.data()], []);
  t.same(runs.dataAt(4), { start: 4, end: 4 });
});

t.test('data reach from $d to the next $x, or to the end of the section', async (t) => {
  const runs = await runsIn([
    nop,
    { label: '$d' },
    nop,
    { label: '__kvm_nvhe_$d.1' },
    nop,
    { label: '$x' },
    nop,
    { label: '$d.2' },
    nop,
  ]);
  t.same(
    [0, 4, 8, 12, 16].map((offset) => runs.isCode(offset)),
    [true, false, false, true, false],
  );
  t.same(runs.dataAt(8), { start: 4, end: 12 }, 'adjacent runs are one');
  t.same(runs.dataAt(16), { start: 16, end: 20 });
  t.same(runs.dataAt(12), { start: 12, end: 12 });
});

t.test('of two mapping symbols at one offset the later counts; a function is none', async (t) => {
  const runs = await runsIn([
    { label: '$x' },
    { label: '$d' },
    nop,
    { label: '$d.1' },
    { label: '$x.1' },
    nop,
    { label: '$d.2', type: STT.FUNC },
    nop,
  ]);
  t.same(
    [0, 4, 8].map((offset) => runs.isCode(offset)),
    [false, true, true],
  );
});

t.test('a mapping symbol behind the section is ignored, and data end with the section', async (t) => {
  for (const value of [9, 2 ** 32, 2 ** 43, 2 ** 63]) {
    const object = await build({
      sections: [{ name: '.hyp.text', flags: code, items: [nop, nop] }],
      symbols: [
        { name: '$d', in: { section: '.hyp.text' }, value: 4 },
        { name: '$x', in: { section: '.hyp.text' }, value },
      ],
    });
    const runs = runsOf(object, sectionOf(object, '.hyp.text'));
    t.same([...runs.data()], [{ start: 4, end: 8 }], `${value}`);
    t.same(runs.dataAt(4), { start: 4, end: 8 });
  }
});
