// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which unit a place belongs to, and how many units are read to find it.

import t from 'tap';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import { type MadeEntry, makeUnits, sectionsOf } from './made-units.js';
import { bytesOf, makeSections, type Piece, sized, text, u16, u32, u64 } from './synthetic.js';

const covering = (
  name: string,
  start: number,
  length: number,
  tag: number = DW_TAG.compile_unit,
): MadeEntry => ({
  tag,
  label: name,
  attributes: [
    [DW_AT.name, DW_FORM.string, text(name)],
    [DW_AT.low_pc, DW_FORM.addr, u64(start)],
    [DW_AT.high_pc, DW_FORM.data4, u32(length)],
  ],
});

const roots = [
  covering('a.c', 0x1000, 0x10),
  covering('b.c', 0x1010, 0x20),
  covering('type', 0x1080, 0x20, DW_TAG.type_unit),
  covering('c.c', 0x1080, 0x10),
];
const made = makeUnits(roots);
/** The root entry is twelve bytes after the start of its unit. [DWARF5 7.5.1.1] */
const startOf = (name: string): number => (made.offsets.get(name) ?? 0) - 12;

const set = (unit: number, ...tuples: readonly (readonly [number, number])[]): Piece =>
  sized(
    bytesOf(u16(2), u32(unit), 8, 0, u32(0)),
    ...[...tuples, [0, 0] as const].map(([start, length]) => bytesOf(u64(start), u64(length))),
  );

const indexOf = (aranges: readonly number[] | null, units = made): UnitIndex =>
  new UnitIndex(
    makeSections(sectionsOf(units, aranges === null ? {} : { '.debug_aranges': { bytes: aranges } }), 2),
  );

const at = (offset: number) => ({ section: -1, offset });

t.test('without .debug_aranges, units are read until one contains the place', async (t) => {
  const index = indexOf(null);
  t.equal(index.find(at(0x2f))?.name, 'b.c');
  t.equal(index.opened.length, 2);
  t.equal(index.find(at(0))?.name, 'a.c');
  t.equal(index.opened.length, 2, 'units that were read are tried first');
  t.equal(index.find(at(0x80))?.name, 'c.c', 'a type unit has no code');
  t.equal(index.find(at(0x30)), null, 'an end is exclusive');
  t.equal(index.opened.length, 4);
  t.equal(index.problem, null);
});

t.test('.debug_aranges leads to a unit, whose own ranges then do not count', async (t) => {
  const bytes = bytesOf(set(startOf('a.c'), [0x1000, 0x10]), set(startOf('c.c'), [0x1080, 8], [0x1100, 4]));
  const index = indexOf(bytes);
  t.equal(index.find(at(0x102))?.name, 'c.c');
  t.equal(index.opened.length, 1);
  t.equal(index.find(at(0x11))?.name, 'b.c', 'what the table does not list is still found');
  t.equal(index.find(at(0x8c)), null, 'the ranges of a listed unit’s root entry do not count');
});

t.test('a damaged .debug_aranges is ignored', async (t) => {
  const good = set(startOf('c.c'), [0x1010, 0x20]);
  for (const [title, bytes] of [
    ['too long', bytesOf(u32(1000), u16(2))],
    ['of version 3', bytesOf(good).map((byte, place) => (place === 4 ? 3 : byte))],
    ['with addresses of 4 bytes', bytesOf(good).map((byte, place) => (place === 10 ? 4 : byte))],
    ['with damage behind', bytesOf(good, u32(1000), u16(2))],
  ] as const)
    t.equal(indexOf(bytes).find(at(0x11))?.name, 'b.c', title);
});

t.test('before() gives the unit whose code begins last before a place', async (t) => {
  const listed = indexOf(bytesOf(set(startOf('a.c'), [0x1000, 0x10]), set(startOf('c.c'), [0x1080, 0x10])));
  t.equal(listed.before(at(0x70))?.name, 'a.c');
  t.equal(listed.before(at(0x200))?.name, 'c.c');
  const walked = indexOf(null);
  t.equal(walked.before(at(0x70)), null, 'no unit was read yet');
  t.equal(walked.find(at(0x70)), null);
  t.equal(walked.before(at(0x70))?.name, 'b.c');
});

t.test('unitsIn() gives each unit with code in a part of a section once', async (t) => {
  const index = indexOf(bytesOf(set(startOf('c.c'), [0x1080, 4], [0x1088, 4])));
  const names = (start: number, end: number) => index.unitsIn(-1, start, end).map(({ name }) => name);
  t.same(names(0, 0x1000), ['c.c', 'a.c', 'b.c']);
  t.same(names(0x10, 0x84), ['c.c', 'b.c']);
  t.same(names(0x30, 0x80), []);
  t.same(
    index.listedIn(-1).map(({ start }) => start),
    [startOf('c.c')],
    'by the table alone',
  );
});

t.test('unitAt() gives the unit around an offset of .debug_info', async (t) => {
  const index = indexOf(null);
  const name = (offset: number) => index.unitAt({ section: null, offset }).name;
  t.equal(name(startOf('b.c')), 'b.c');
  t.equal(name(startOf('c.c') - 1), 'type');
  t.throws(() => name(made.info.length), /where no unit is/);
  t.same(
    [...index.all()].map((unit) => unit.name),
    ['a.c', 'b.c', 'type', 'c.c'],
  );
});

t.test('a damaged unit is reported, and the others are kept', async (t) => {
  const info = made.info.map((byte, offset) => (offset === startOf('b.c') + 4 ? 9 : byte)); // its version
  const index = indexOf(null, { ...made, info });
  t.equal(index.find(at(0x11)), null);
  t.match(index.problem?.sentence, /DWARF version 9/);
  t.equal(index.find(at(0x80))?.name, 'c.c');
  t.same(
    index.unitsIn(-1, 0, 0x1000).map(({ name }) => name),
    ['a.c', 'c.c'],
  );
});
