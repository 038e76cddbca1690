// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { SymbolTable } from '../../lib/elf/symbols.js';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { code } from '../support/object-builder.js';
import { build, open, sectionOf, symbolOf } from '../support/objects.js';
import { assemble, runOn, without } from '../support/tools.js';

const text = `
  .text
  .global f
  .type f, %function
  f: ret
  .size f, . - f
  .weak w
  w: ret
  local: ret
  .section .hyp.text, "ax"
  g: ret
  .data
  .type d, %object
  d: .quad nowhere
  .size d, 8
  .comm common, 8, 8
  absolute = 0x1234
  .global absolute
  huge = 0xffff800011223344
`;

t.test(
  'the fields of symbols are those that readelf shows',
  { skip: without('aarch64-linux-gnu-as', 'readelf') },
  async (t) => {
    const bytes = assemble(text);
    const { symbols } = await open(bytes);
    const listing = runOn('readelf', ['-sW'], bytes);
    const rows = [
      ...listing.matchAll(
        /^ *(\d+): ([0-9a-f]{16}) +(\d+) (NOTYPE|OBJECT|FUNC|SECTION|FILE) +(LOCAL|GLOBAL|WEAK) +DEFAULT +(\S+) ?(\S*)$/gm,
      ),
    ];
    t.equal(symbols.count, rows.length);
    for (const [, number, value, size, type, binding, section, name] of rows) {
      const symbol = Number(number);
      t.equal(symbols.address(symbol), BigInt(`0x${value}`));
      t.equal(symbols.size(symbol), Number(size));
      t.equal(Object.entries(STT).find(([, is]) => is === symbols.type(symbol))?.[0], type);
      t.equal(Object.entries(STB).find(([, is]) => is === symbols.binding(symbol))?.[0], binding);
      if (type !== 'SECTION') t.equal(symbols.name(symbol), name);
      t.equal(symbols.isSection(symbol), type === 'SECTION');
      t.equal(symbols.isUndefined(symbol), section === 'UND');
      t.equal(symbols.isAbsolute(symbol), section === 'ABS');
      t.equal(symbols.isCommon(symbol), section === 'COM');
      if (/^\d+$/.test(section ?? '')) t.equal(symbols.section(symbol), Number(section));
    }
  },
);

const nop = 0xd503201f;

const fixture = () =>
  build({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [
          { label: '$x' },
          { label: 'b' },
          { label: 'a' },
          nop,
          { label: 'c', binding: STB.GLOBAL },
          nop,
        ],
      },
      { name: '.text', flags: code, items: [nop, { label: '__kvm_nvhe_x', binding: STB.WEAK }] },
      { name: '.data', items: [{ quad: 0n, relocation: { type: 257, to: '__kvm_nvhe_missing' } }] },
    ],
    symbols: [{ name: '', in: 'ABS', value: 3 }],
  });

t.test('the symbols of a section are sorted by value, then by table order', async (t) => {
  const object = await fixture();
  const { symbols } = object;
  const names = (section: string) =>
    symbols.inSection(sectionOf(object, section).index).map((symbol) => symbols.name(symbol));
  t.same(names('.hyp.text'), ['$x', 'b', 'a', 'c']);
  t.same(names('.text'), ['__kvm_nvhe_x']);
  t.same(symbols.inSection(4711), []);
  const fresh = (await fixture()).symbols;
  fresh.indexSections(new Set([1, 2]));
  t.same(fresh.inSection(1), symbols.inSection(1), 'the same after indexSections()');
  t.same(fresh.inSection(2), symbols.inSection(2));
});

t.test('symbols are found by name (defined, not local) and by prefix (all)', async (t) => {
  const object = await fixture();
  const { symbols } = object;
  const found = symbols.globalsNamed(['a', 'c', '__kvm_nvhe_x', '__kvm_nvhe_missing', 'nothing', '']);
  t.same([...found.keys()].sort(), ['__kvm_nvhe_x', 'c'], 'only global or weak ones that are defined');
  t.equal(found.get('c'), symbolOf(object, 'c'));
  t.same(symbols.globalsNamed([]), new Map());
  t.same(
    symbols
      .withPrefix('__kvm_nvhe_')
      .map((symbol) => symbols.name(symbol))
      .sort(),
    ['__kvm_nvhe_missing', '__kvm_nvhe_x'],
  );
  t.same(symbols.withPrefix('zzz'), []);
});

t.test('names are right however many were asked for before', async (t) => {
  const names = Array.from({ length: 1200 }, (_, index) => `name_${index}`);
  const { symbols } = await build({
    sections: [{ name: '.text', flags: code, items: names.map((label) => ({ label })) }],
  });
  const all = Array.from({ length: symbols.count }, (_, symbol) => symbols.name(symbol));
  t.same(all.filter((name) => name.startsWith('name_')).sort(), [...names].sort(), 'more than are kept');
  for (const symbol of [1100, 3, 1199, 3]) t.equal(symbols.name(symbol), all[symbol]);
});

t.test('damaged entries give an empty name and section 0, and never throw', async (t) => {
  const words = new Uint32Array([
    0, 0, 0, 0, 0, 0, 5, 0xffff0010, 0xffffffff, 0xffffffff, 1, 0, 900, 0, 0, 0, 0, 0, 77,
  ]);
  const symbols = new SymbolTable(words, Buffer.from('\0ab\0cdef'), null);
  t.equal(symbols.count, 3, 'half an entry does not count');
  t.equal(symbols.name(1), 'def', 'a name without an end ends with the table');
  t.equal(symbols.name(2), '', 'a name outside the table');
  t.equal(symbols.section(1), 0, 'SHN_XINDEX without the table of extended indexes');
  t.equal(symbols.address(1), 0xffffffffffffffffn);
  t.equal(symbols.name(99), '');
  t.equal(symbols.section(99), 0);
});
