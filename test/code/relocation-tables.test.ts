// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Slices of relocation tables, sorted or not, that are too long to be read at once.

import t from 'tap';
import { Relocations } from '../../lib/code/relocations.js';
import type { RelocationTable } from '../../lib/elf/relocations.js';
import { type MadeRelocation, makeObject } from '../dwarf/synthetic.js';

/** More entries than a table has that is read whole. */
const COUNT = 50_000;
const SIZE = COUNT * 8;

const entry = (index: number): MadeRelocation => ({
  offset: index * 8,
  type: 257,
  to: '.text',
  addend: index - 5,
});
const sorted = [...Array(COUNT).keys()].map(entry);

const slicesOf = (relocations: readonly MadeRelocation[]) => {
  const object = makeObject({ '.text': { bytes: [] }, '.debug_info': { bytes: [0], relocations } });
  const info = object.named('.debug_info');
  return new Relocations(object, info ? object.relocationSections(info) : []);
};

const offsetsIn = (table: RelocationTable, start: number, end: number): readonly number[] =>
  [...Array(table.count).keys()].map((index) => table.offset(index)).filter((at) => at >= start && at < end);

const orders: readonly { readonly name: string; readonly relocations: readonly MadeRelocation[] }[] = [
  { name: 'sorted', relocations: sorted },
  { name: 'reversed', relocations: sorted.slice().reverse() },
  {
    name: 'two sorted halves in the wrong order',
    relocations: [...sorted.slice(4000), ...sorted.slice(0, 4000)],
  },
  {
    name: 'one pair exchanged',
    relocations: sorted.map((_, index) => entry(index === 4500 ? 4502 : index === 4502 ? 4500 : index)),
  },
  {
    name: 'several at each place, and far apart',
    relocations: sorted.map((_, index) => entry(Math.floor(index / 20) * 20)),
  },
  {
    name: 'all but a few at the end',
    relocations: sorted.map((_, index) => entry(index < 10 ? index : COUNT + index)),
  },
  { name: 'short and reversed', relocations: sorted.slice(0, 100).slice().reverse() },
];

for (const { name, relocations } of orders) {
  t.test(`${name}: a slice has every relocation of its range, in order`, (t) => {
    const slices = slicesOf(relocations);
    for (const [start, end] of [
      [0, 80],
      [36000, 36080],
      [80, 36000],
      [SIZE - 80, SIZE],
      [0, SIZE],
      [400, 400],
    ] as const) {
      const expected = relocations
        .map(({ offset }) => offset)
        .filter((offset) => offset >= start && offset < end)
        .sort((a, b) => a - b);
      const table = slices.slice(start, end);
      t.strictSame(offsetsIn(table, start, end), expected);
      t.ok(table.isSorted());
      for (let index = 0; index < table.count; index++) {
        if (table.addend(index) !== table.offset(index) / 8 - 5) t.fail('an addend was lost');
      }
    }
    t.end();
  });
}

t.test('a section without relocations has an empty slice', (t) => {
  t.equal(slicesOf([]).slice(0, 100).count, 0);
  t.end();
});

t.test('chunks() gives every relocation once', (t) => {
  const counts = [...slicesOf(sorted).chunks()].map((table) => table.count);
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    COUNT,
  );
  t.end();
});
