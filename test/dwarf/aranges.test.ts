// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// .debug_aranges, as the assembler writes and readelf shows it, and in other forms
// that [DWARF5 6.1.2] allows.

import t from 'tap';
import { readAddressRanges } from '../../lib/dwarf/aranges.js';
import { DebugSections } from '../../lib/dwarf/debug-sections.js';
import { open } from '../support/objects.js';
import { assemble, runOn, without } from '../support/tools.js';
import {
  bytesOf,
  type MadeSection,
  makeSections,
  type Piece,
  sized,
  throwsDamage,
  u16,
  u32,
  u64,
} from './synthetic.js';

const setsOf = (sections: DebugSections) =>
  sections.all('.debug_aranges').flatMap((section) => [...readAddressRanges(section)]);

const setsIn = (bytes: readonly number[], more: Readonly<Record<string, MadeSection>> = {}) =>
  setsOf(
    makeSections(
      { '.text': { bytes: [], address: 0x1000n, size: 0x1000 }, '.debug_aranges': { bytes }, ...more },
      2,
    ),
  );

const tuple = (start: number, length: number): Piece => bytesOf(u64(start), u64(length));
/** Version, unit, sizes of an address and of a segment, and padding that aligns the tuples to 16 bytes. */
const head = (unit: number, version = 2, addressSize = 8, segmentSize = 0): Piece =>
  bytesOf(u16(version), u32(unit), addressSize, segmentSize, u32(0));

t.test(
  'the ranges that an assembler wrote are those that readelf shows',
  { skip: without('aarch64-linux-gnu-as', 'readelf') },
  async (t) => {
    const bytes = assemble('.text\n.skip 4\nnop\n.section .hyp.text, "ax"\nnop\nnop\nret\n.data\n.quad 0\n', [
      '-g',
    ]);
    const object = await open(bytes);
    const shown = [
      ...runOn('readelf', ['--debug-dump=aranges'], bytes).matchAll(/^ +([0-9a-f]{16}) ([0-9a-f]{16}) *$/gm),
    ]
      .map(([, start, length]) => [Number.parseInt(start ?? '', 16), Number.parseInt(length ?? '', 16)])
      .filter(([, length]) => length !== 0);
    const [set, ...others] = setsOf(new DebugSections(object));
    t.same(others, []);
    t.equal(set?.unit.offset, 0);
    t.same(
      set?.ranges.map(({ start, end }) => [start, end - start]),
      shown,
    );
    t.same(
      set?.ranges.map(({ section }) => object.sections[section]?.name),
      ['.text', '.hyp.text'],
      'sections come from the relocations: readelf shows 0 for both',
    );
  },
);

t.test('tuples are aligned to their size from the start of their set, not of the section', async (t) => {
  // The first set has 52 bytes: the second is not aligned within the section.
  const odd = sized(head(7), tuple(0x1000, 4), tuple(0, 0), u32(0));
  t.equal(odd.length % 16, 4);
  t.same(setsIn(bytesOf(odd, sized(head(9), tuple(0x1100, 8), tuple(0, 0)))), [
    { unit: { section: null, offset: 7 }, ranges: [{ section: -1, start: 0, end: 4 }] },
    { unit: { section: null, offset: 9 }, ranges: [{ section: -1, start: 0x100, end: 0x108 }] },
  ]);
});

t.test('in 64-bit DWARF the header has 24 bytes, and 8 bytes of padding align the tuples', async (t) => {
  const content = bytesOf(u16(2), u64(0x55), 8, 0, u64(0), tuple(0x1004, 4), tuple(0, 0));
  t.same(setsIn(bytesOf(u32(0xffffffff), u64(content.length), content)), [
    { unit: { section: null, offset: 0x55 }, ranges: [{ section: -1, start: 4, end: 8 }] },
  ]);
});

t.test('a pair of zeros inside a set does not end it, and an empty range is left out', async (t) => {
  const [set] = setsIn(sized(head(0), tuple(0, 0), tuple(0x1000, 4), tuple(0x1008, 0), tuple(0, 0)));
  t.same(set?.ranges, [{ section: -1, start: 0, end: 4 }]);
});

t.test('a length of more than 32 bits is kept', async (t) => {
  const [set] = setsIn(sized(head(0), tuple(0x1000, 2 ** 32 + 4), tuple(0, 0)));
  t.same(set?.ranges, [{ section: -1, start: 0, end: 2 ** 32 + 4 }]);
});

t.test('half a tuple at the end of a set is ignored', async (t) => {
  const bytes = bytesOf(sized(head(0), tuple(0x1000, 4), u64(0x1010)), sized(head(1), tuple(0x1020, 4)));
  t.same(
    setsIn(bytes).map(({ ranges }) => ranges.map(({ start }) => start)),
    [[0], [0x20]],
  );
});

t.test('a set of a wrong version, address or segment size, or length is damage', async (t) => {
  const rows: readonly (readonly [string, readonly number[], RegExp])[] = [
    ['version 3', sized(head(0, 3)), /version 3/],
    ['addresses of 4 bytes', sized(head(0, 2, 4)), /another kind of machine/],
    ['segments', sized(head(0, 2, 8, 2)), /another kind of machine/],
    ['too long', bytesOf(u32(13), head(0)), /has 13 bytes/],
  ];
  for (const [, bytes, sentence] of rows)
    throwsDamage(t, () => setsIn(bytes), { section: '.debug_aranges', sentence });
});
