// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Units made by hand, entry by entry: what no compiler writes but a mangled
// file may have, and what only some compilers write.

import t from 'tap';
import { ROLE_VARIABLE } from '../../lib/dwarf/abbreviations.js';
import { DW_AT, DW_FORM, DW_RLE, DW_TAG } from '../../lib/dwarf/constants.js';
import { allEntries, nameOf } from '../../lib/dwarf/entries.js';
import { functionsOf, inlinedCallsOf } from '../../lib/dwarf/inline-frames.js';
import { rangesOf } from '../../lib/dwarf/ranges.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import type { Unit } from '../../lib/dwarf/units.js';
import {
  bytesOf,
  type MadeSection,
  makeSections,
  type Piece,
  sized,
  text,
  throwsDamage,
  u16,
  u32,
  u64,
  uleb,
} from './synthetic.js';

/** An abbreviation: code, tag, children, then attribute and form in turn. */
const abbreviation = (code: number, tag: number, children: boolean, ...pairs: number[]): Piece =>
  bytesOf(uleb(code), uleb(tag), children ? 1 : 0, ...pairs.map((number) => uleb(number)), 0, 0);

const ROOT = 1;
const FUNCTION = 2;
const BLOCK = 3;
const VARIABLE = 4;
const CONTAINER = 5;
const COPY = 6;

const abbreviations = bytesOf(
  abbreviation(ROOT, DW_TAG.compile_unit, true, DW_AT.name, DW_FORM.string, DW_AT.low_pc, DW_FORM.addr),
  abbreviation(
    FUNCTION,
    DW_TAG.subprogram,
    true,
    DW_AT.low_pc,
    DW_FORM.addr,
    DW_AT.high_pc,
    DW_FORM.data4,
    DW_AT.abstract_origin,
    DW_FORM.ref4,
  ),
  abbreviation(BLOCK, DW_TAG.lexical_block, true, DW_AT.sibling, DW_FORM.ref4),
  abbreviation(VARIABLE, DW_TAG.variable, false, DW_AT.name, DW_FORM.string, DW_AT.location, DW_FORM.exprloc),
  abbreviation(CONTAINER, DW_TAG.namespace, true),
  abbreviation(COPY, DW_TAG.subprogram, false, DW_AT.specification, DW_FORM.ref_addr),
  0,
);

/** A DWARF 5 compilation unit; its root is at offset 12. */
const unit = (...entries: readonly Piece[]): readonly number[] =>
  sized(u16(5), 1, 8, u32(0), ROOT, text('a.c'), u64(0), ...entries, 0);
/** Where the first child of the root is: behind header, code, name and low_pc. */
const FIRST = 12 + 1 + 4 + 8;

const made = (info: readonly number[], more: Readonly<Record<string, MadeSection>> = {}) => ({
  '.debug_info': { bytes: info },
  '.debug_abbrev': { bytes: abbreviations },
  ...more,
});

const firstUnit = (sections: Readonly<Record<string, MadeSection>>): Unit => {
  const [first] = new UnitIndex(makeSections(sections)).all();
  if (!first) throw new Error('there is no unit');
  return first;
};

t.test('an origin that leads back to itself ends', (t) => {
  const self = FIRST;
  const first = firstUnit(made(unit(FUNCTION, u64(0x10), u32(4), u32(self), 0)));
  const entry = first.entry(self);
  t.equal(entry && nameOf(entry), null);
  t.end();
});

t.test('an origin outside its unit is damage, and costs the name only', (t) => {
  const info = unit(FUNCTION, u64(0x10), u32(4), u32(0x7fffffff), 0);
  const first = firstUnit(made(info));
  const entry = first.entry(FIRST);
  throwsDamage(t, () => entry && nameOf(entry), { section: '.debug_info', sentence: /outside its unit/ });
  t.end();
});

t.test('a reference to another unit that is none is damage', (t) => {
  const first = firstUnit(made(unit(COPY, u32(0x999))));
  const entry = first.entry(FIRST);
  throwsDamage(t, () => entry && nameOf(entry), { sentence: /0x999, where no unit is/ });
  t.end();
});

t.test('a sibling that leads back is not followed', (t) => {
  const block = (sibling: number): Piece => bytesOf(BLOCK, u32(sibling), 0);
  const first = firstUnit(made(unit(block(0), block(FIRST), FUNCTION, u64(0x10), u32(4), u32(0), 0)));
  t.ok(functionsOf(first).find({ section: -2, offset: 0x12 }));
  t.end();
});

t.test('a unit may end without the null entries of its last lists', (t) => {
  const open = sized(u16(5), 1, 8, u32(0), ROOT, text('a.c'), u64(0), CONTAINER, VARIABLE, text('v'), 0);
  const names = [...allEntries(firstUnit(made(open)), ROLE_VARIABLE)].map(nameOf);
  t.strictSame(names, ['v']);
  t.end();
});

t.test('functions inside namespaces and inside functions are found', (t) => {
  const inside = bytesOf(FUNCTION, u64(0x10), u32(4), u32(0), 0);
  const nested = bytesOf(FUNCTION, u64(0x40), u32(4), u32(0), FUNCTION, u64(0x60), u32(4), u32(0), 0, 0);
  const bytes = unit(CONTAINER, inside, 0, nested);
  const first = firstUnit(made(bytes));
  t.ok(functionsOf(first).find({ section: -2, offset: 0x10 }));
  t.ok(functionsOf(first).find({ section: -2, offset: 0x41 }));
  t.equal(functionsOf(first).find({ section: -2, offset: 0x60 }), null);
  t.end();
});

const depth = 100_000;

t.test('entries nested beyond all reason do not overflow the stack', (t) => {
  const blocks = [...Array(depth).keys()].flatMap(() => [BLOCK, 0, 0, 0, 0]);
  const containers = Array(depth).fill(CONTAINER);
  const nested = firstUnit(made(unit(containers)));
  t.strictSame(functionsOf(nested).valuesIn(-2, 0, 100), []);
  const inFunction = firstUnit(made(unit(FUNCTION, u64(0x10), u32(4), u32(0), blocks)));
  const entry = inFunction.entry(FIRST);
  t.strictSame(entry && inlinedCallsOf(entry), []);
  t.end();
});

const lengths: readonly {
  readonly name: string;
  readonly bytes: readonly number[];
  readonly sentence: RegExp;
}[] = [
  { name: 'a length of nothing', bytes: bytesOf(u32(0), u16(5)), sentence: /length is 0/ },
  { name: 'a reserved length', bytes: bytesOf(u32(0xfffffff5), u16(5)), sentence: /length is 0xfffffff5/ },
  { name: 'a length beyond the section', bytes: bytesOf(u32(100), u16(5)), sentence: /length is 100/ },
  {
    name: 'a 64-bit length beyond everything',
    bytes: bytesOf(u32(0xffffffff), u64((1n << 63n) + 5n), u16(5)),
    sentence: /too large/,
  },
];

for (const { name, bytes, sentence } of lengths) {
  t.test(`${name} ends the list of units, and is said`, (t) => {
    const index = new UnitIndex(makeSections(made([...unit(), ...bytes])));
    t.equal([...index.all()].length, 1);
    t.match(index.problem?.sentence, sentence);
    t.end();
  });
}

const headers: readonly {
  readonly name: string;
  readonly bytes: readonly number[];
  readonly sentence: RegExp;
}[] = [
  { name: 'version 1', bytes: sized(u16(1), u32(0), 8, ROOT), sentence: /DWARF version 1 / },
  { name: 'version 6', bytes: sized(u16(6), 1, 8, u32(0), ROOT), sentence: /DWARF version 6 / },
  { name: 'addresses of 4 bytes', bytes: sized(u16(4), u32(0), 4, ROOT), sentence: /addresses of 4 bytes/ },
  { name: 'no root', bytes: sized(u16(4), u32(0), 8, 0), sentence: /abbreviation 0/ },
  { name: 'no such abbreviation', bytes: sized(u16(4), u32(0), 8, 77), sentence: /no abbreviation 77/ },
];

for (const { name, bytes, sentence } of headers) {
  t.test(`a unit with ${name} is passed over, and said`, (t) => {
    const index = new UnitIndex(makeSections(made([...bytes, ...unit()])));
    t.equal([...index.all()].length, 1);
    t.equal(index.find({ section: 1, offset: 0 }), null);
    t.match(index.problem?.sentence, sentence);
    t.end();
  });
}

t.test('a unit of 64-bit DWARF', (t) => {
  const content = bytesOf(u16(5), 1, 8, u64(0), ROOT, text('wide.c'), u64(0), 0);
  const first = firstUnit(made(bytesOf(u32(0xffffffff), u64(content.length), content)));
  t.equal(first.name, 'wide.c');
  t.equal(first.extent.offsetSize, 8);
  t.end();
});

/** Range lists of one kind of entry each, in an image whose code begins at 0x1000. [DWARF5 7.25] */
const lists: readonly {
  readonly name: string;
  readonly list: readonly number[];
  readonly ranges: readonly (readonly [number, number])[];
}[] = [
  {
    name: 'offset_pair from the unit',
    list: bytesOf(DW_RLE.offset_pair, uleb(0x10), uleb(0x20)),
    ranges: [[0x110, 0x120]],
  },
  {
    name: 'base_address',
    list: bytesOf(DW_RLE.base_address, u64(0x1200), DW_RLE.offset_pair, uleb(0), uleb(4)),
    ranges: [[0x200, 0x204]],
  },
  {
    name: 'base_addressx',
    list: bytesOf(DW_RLE.base_addressx, uleb(1), DW_RLE.offset_pair, uleb(0), uleb(8)),
    ranges: [[0x300, 0x308]],
  },
  { name: 'startx_endx', list: bytesOf(DW_RLE.startx_endx, uleb(0), uleb(1)), ranges: [[0x280, 0x300]] },
  {
    name: 'startx_length',
    list: bytesOf(DW_RLE.startx_length, uleb(1), uleb(0x40)),
    ranges: [[0x300, 0x340]],
  },
  { name: 'start_end', list: bytesOf(DW_RLE.start_end, u64(0x1001), u64(0x1003)), ranges: [[1, 3]] },
  {
    name: 'start_length, twice',
    list: bytesOf(DW_RLE.start_length, u64(0x1000), uleb(2), DW_RLE.start_length, u64(0x1010), uleb(2)),
    ranges: [
      [0, 2],
      [0x10, 0x12],
    ],
  },
];

const rangedRoot = (form: number, value: readonly number[], list: readonly number[]) => ({
  '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
  '.debug_abbrev': {
    bytes: bytesOf(
      abbreviation(
        ROOT,
        DW_TAG.compile_unit,
        false,
        DW_AT.low_pc,
        DW_FORM.addr,
        DW_AT.ranges,
        form,
        DW_AT.rnglists_base,
        DW_FORM.sec_offset,
        DW_AT.addr_base,
        DW_FORM.sec_offset,
      ),
      0,
    ),
  },
  '.debug_info': { bytes: sized(u16(5), 1, 8, u32(0), ROOT, u64(0x1100), value, u32(12), u32(8)) },
  // A header of 12 bytes, one offset of 4 behind which the list is.
  '.debug_rnglists': { bytes: bytesOf(sized(u16(5), 8, 0, u32(1), u32(4), list)) },
  '.debug_addr': { bytes: bytesOf(u32(20), u16(5), 8, 0, u64(0x1280), u64(0x1300)) },
});

for (const { name, list, ranges } of lists) {
  t.test(`ranges: ${name}`, (t) => {
    const ended = [...list, DW_RLE.end_of_list];
    const expected = ranges.map(([start, end]) => ({ section: -1, start, end }));
    for (const sections of [
      rangedRoot(DW_FORM.rnglistx, uleb(0), ended),
      rangedRoot(DW_FORM.sec_offset, u32(16), ended),
    ]) {
      const [root] = new UnitIndex(makeSections(sections, 2)).all();
      t.strictSame(root && rangesOf(root.root), expected);
    }
    t.end();
  });
}

t.test('a range list of an unknown kind, and one without an end, are damage', (t) => {
  for (const [list, sentence] of [
    [[9], /entry of kind 9/],
    [[DW_RLE.offset_pair, 1], /more bytes are needed/],
  ] as const) {
    const [root] = new UnitIndex(makeSections(rangedRoot(DW_FORM.sec_offset, u32(16), list), 2)).all();
    throwsDamage(t, () => root && rangesOf(root.root), { section: '.debug_rnglists', sentence });
  }
  t.end();
});

/** [DWARF4 2.17.3]: pairs relative to a base, which is 0 where low_pc is. */
const oldRoot = (low: number, list: readonly number[]) => ({
  '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
  '.debug_abbrev': {
    bytes: bytesOf(
      abbreviation(
        ROOT,
        DW_TAG.compile_unit,
        false,
        DW_AT.low_pc,
        DW_FORM.addr,
        DW_AT.ranges,
        DW_FORM.sec_offset,
      ),
      0,
    ),
  },
  '.debug_info': { bytes: sized(u16(4), u32(0), 8, ROOT, u64(low), u32(0)) },
  '.debug_ranges': { bytes: bytesOf(list, u64(0), u64(0)) },
});

const oldLists: readonly {
  readonly name: string;
  readonly low: number;
  readonly list: readonly number[];
  readonly ranges: readonly (readonly [number, number])[];
}[] = [
  { name: 'offsets from the unit', low: 0x1100, list: bytesOf(u64(1), u64(5)), ranges: [[0x101, 0x105]] },
  { name: 'whole addresses', low: 0, list: bytesOf(u64(0x1200), u64(0x1210)), ranges: [[0x200, 0x210]] },
  {
    name: 'a base that is set, and unset',
    low: 0x1100,
    list: bytesOf(
      u64((1n << 64n) - 1n),
      u64(0x1300),
      u64(0),
      u64(4),
      u64((1n << 64n) - 1n),
      u64(0),
      u64(0x1008),
      u64(0x1010),
    ),
    ranges: [
      [0x300, 0x304],
      [8, 0x10],
    ],
  },
];

for (const { name, low, list, ranges } of oldLists) {
  t.test(`ranges before DWARF 5: ${name}`, (t) => {
    const [root] = new UnitIndex(makeSections(oldRoot(low, list), 2)).all();
    const expected = ranges.map(([start, end]) => ({ section: -1, start, end }));
    t.strictSame(root && rangesOf(root.root), expected);
    t.end();
  });
}

t.test('a range that is relocated is no offset from the base, even a base of 0', (t) => {
  const sections = {
    ...oldRoot(0, bytesOf(u64(0), u64(0))),
    '.text': { bytes: u64(0) },
    '.debug_ranges': {
      bytes: bytesOf(u64(0), u64(0), u64(0), u64(0)),
      relocations: [
        { offset: 0, type: 257, to: '.text', addend: 0 },
        { offset: 8, type: 257, to: '.text', addend: 8 },
      ],
    },
  };
  const index = new UnitIndex(makeSections(sections));
  t.equal(index.find({ section: 1, offset: 7 })?.extent.start, 0);
  t.equal(index.find({ section: 1, offset: 8 }), null);
  t.end();
});

/** [DWARF5 6.1.2]: tuples are aligned to 16 bytes from the start of their set. */
const addressRanges = (unitOffset: number, ...tuples: readonly (readonly [number, number])[]): Piece =>
  sized(
    u16(2),
    u32(unitOffset),
    8,
    0,
    u32(0),
    ...tuples.map(([start, length]) => bytesOf(u64(start), u64(length))),
    u64(0),
    u64(0),
  );

const twoUnits = [...unit(), ...sized(u16(5), 1, 8, u32(0), ROOT, text('b.c'), u64(0), 0)];
const withRanges = (bytes: readonly number[]) => ({
  '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
  ...made(twoUnits),
  '.debug_aranges': { bytes },
});

t.test('.debug_aranges leads to a unit without reading another', (t) => {
  const second = unit().length;
  const bytes = bytesOf(addressRanges(0, [0x1000, 0x10], [0x1100, 0]), addressRanges(second, [0x1010, 0x20]));
  const index = new UnitIndex(makeSections(withRanges(bytes), 2));
  t.equal(index.find({ section: -1, offset: 0x2f })?.name, 'b.c');
  t.equal(index.opened.length, 1);
  t.equal(index.find({ section: -1, offset: 0 })?.name, 'a.c');
  t.equal(index.find({ section: -1, offset: 0x100 }), null);
  t.equal(index.before({ section: -1, offset: 0x100 })?.name, 'b.c');
  t.equal(index.unitAt({ section: null, offset: second + 3 }).name, 'b.c');
  t.end();
});

t.test('damaged address ranges are as good as none', (t) => {
  for (const bytes of [
    bytesOf(u32(1000), u16(2)),
    bytesOf(addressRanges(0, [0x1000, 0x10])).map((byte, at) => (at === 4 ? 3 : byte)),
    bytesOf(addressRanges(0, [0x1000, 0x10])).map((byte, at) => (at === 10 ? 4 : byte)),
  ]) {
    const index = new UnitIndex(makeSections(withRanges(bytes), 2));
    t.equal(index.find({ section: -1, offset: 0 }), null);
    t.equal(index.opened.length, 2);
  }
  t.end();
});
