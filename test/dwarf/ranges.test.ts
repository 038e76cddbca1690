// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The ranges of an entry: from every kind of range list, and from low_pc with high_pc.

import t from 'tap';
import { DW_AT, DW_FORM, DW_RLE, DW_TAG } from '../../lib/dwarf/constants.js';
import { rangesOf } from '../../lib/dwarf/ranges.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import { abbreviation, type MadeAttribute, openUnits, unitEntry } from './made-units.js';
import { bytesOf, makeSections, sized, throwsDamage, u16, u32, u64, uleb } from './synthetic.js';

const ROOT = 1;

/** A range list for each kind of list entry, in an image whose code begins at 0x1000. [DWARF5 7.25] */
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

/** Code, and the abbreviation of a unit without children; attributes are pairs of name and form. */
const around = (...attributes: readonly number[]) => ({
  '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
  '.debug_abbrev': { bytes: bytesOf(abbreviation(ROOT, DW_TAG.compile_unit, false, ...attributes), 0) },
});

const rangedRoot = (form: number, value: readonly number[], list: readonly number[]) => ({
  ...around(
    ...[DW_AT.low_pc, DW_FORM.addr, DW_AT.ranges, form],
    ...[DW_AT.rnglists_base, DW_FORM.sec_offset, DW_AT.addr_base, DW_FORM.sec_offset],
  ),
  '.debug_info': { bytes: sized(u16(5), 1, 8, u32(0), ROOT, u64(0x1100), value, u32(12), u32(8)) },
  // A header of 12 bytes, then one offset of 4 bytes, then the list.
  '.debug_rnglists': { bytes: bytesOf(sized(u16(5), 8, 0, u32(1), u32(4), list)) },
  '.debug_addr': { bytes: bytesOf(u32(20), u16(5), 8, 0, u64(0x1280), u64(0x1300)) },
});

for (const { name, list, ranges } of lists) {
  t.test(`a range list with ${name} gives its ranges`, (t) => {
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

t.test('a range list is damage if it has an unknown kind of entry, or is cut off', (t) => {
  for (const [list, sentence] of [
    [[9], /entry of kind 9/],
    [[DW_RLE.offset_pair, 1], /more bytes are needed/],
  ] as const) {
    const [root] = new UnitIndex(makeSections(rangedRoot(DW_FORM.sec_offset, u32(16), list), 2)).all();
    throwsDamage(t, () => root && rangesOf(root.root), { section: '.debug_rnglists', sentence });
  }
  t.end();
});

/** [DWARF4 2.17.3]: pairs relative to a base, which is low_pc of the unit until another is selected. */
const oldRoot = (low: number, list: readonly number[]) => ({
  ...around(DW_AT.low_pc, DW_FORM.addr, DW_AT.ranges, DW_FORM.sec_offset),
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
    name: 'pairs after base address selections',
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
  t.test(`ranges before DWARF 5: ${name} are read`, (t) => {
    const [root] = new UnitIndex(makeSections(oldRoot(low, list), 2)).all();
    const expected = ranges.map(([start, end]) => ({ section: -1, start, end }));
    t.strictSame(root && rangesOf(root.root), expected);
    t.end();
  });
}

t.test('a relocated pair 0, 0 of a range list is a range, and not the end of the list', (t) => {
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

/** Two code sections of an object, so that an address can lead to either. */
const twoSections = {
  '.text': { bytes: u64(0) },
  '.hyp.text': { bytes: u64(0) },
};

const covered = (version: number, ...attributes: readonly MadeAttribute[]) => {
  const { units } = openUnits([unitEntry(attributes, [])], { version });
  return units[0] && rangesOf(units[0].root).map(({ section, start, end }) => [section, start, end]);
};

t.test('high_pc is a length if it is a constant, and an address if its form is one', async (t) => {
  const low: MadeAttribute = [DW_AT.low_pc, DW_FORM.addr, u64(0x1010)];
  t.same(covered(4, low, [DW_AT.high_pc, DW_FORM.data4, u32(8)]), [[-1, 0x10, 0x18]]);
  t.same(covered(2, low, [DW_AT.high_pc, DW_FORM.addr, u64(0x1018)]), [[-1, 0x10, 0x18]]);
  t.same(covered(4, low), [], 'low_pc alone covers nothing');
  t.same(covered(4, [DW_AT.high_pc, DW_FORM.data4, u32(8)]), []);
});

t.test('with DW_AT_ranges, low_pc is only the base of the list', async (t) => {
  const more = { '.debug_ranges': { bytes: bytesOf(u64(0), u64(4), u64(8), u64(0xc), u64(0), u64(0)) } };
  const root = unitEntry(
    [
      [DW_AT.low_pc, DW_FORM.addr, u64(0x1100)],
      [DW_AT.high_pc, DW_FORM.data4, u32(0x40)],
      [DW_AT.ranges, DW_FORM.sec_offset, u32(0)],
    ],
    [],
  );
  const { units } = openUnits([root], { version: 4, more });
  t.same(units[0] && rangesOf(units[0].root).map(({ start, end }) => [start, end]), [
    [0x100, 0x104],
    [0x108, 0x10c],
  ]);
});

t.test('low_pc and high_pc in different sections give no range', async (t) => {
  const root = unitEntry(
    [
      [DW_AT.low_pc, DW_FORM.addr, u64(0)],
      [DW_AT.high_pc, DW_FORM.addr, u64(0)],
    ],
    [],
  );
  const { made } = openUnits([root], { version: 4 });
  // Both addresses stand behind a header of 11 bytes and the abbreviation code.
  const ends = (to: string) => {
    const relocations = [
      { offset: 12, type: 257, to: '.text', addend: 0 },
      { offset: 20, type: 257, to, addend: 8 },
    ];
    const sections = {
      ...twoSections,
      '.debug_info': { bytes: made.info, relocations },
      '.debug_abbrev': { bytes: made.abbreviations },
    };
    const [unit] = new UnitIndex(makeSections(sections)).all();
    return unit && rangesOf(unit.root);
  };
  t.same(ends('.text'), [{ section: 1, start: 0, end: 8 }]);
  t.same(ends('.hyp.text'), []);
});

t.test('a list without an end is damage, however long it is', async (t) => {
  const many = (1 << 17) + 2;
  const bytes = Array.from({ length: many }, () => bytesOf(u64(0), u64(4))).flat();
  const { units } = openUnits(
    [
      unitEntry(
        [
          [DW_AT.low_pc, DW_FORM.addr, u64(0x1100)],
          [DW_AT.ranges, DW_FORM.sec_offset, u32(0)],
        ],
        [],
      ),
    ],
    { version: 4, more: { '.debug_ranges': { bytes } } },
  );
  throwsDamage(t, () => units[0] && rangesOf(units[0].root), {
    section: '.debug_ranges',
    sentence: 'a range list does not end',
  });
});

t.test('kernel addresses, which a number cannot hold, give exact ranges', async (t) => {
  const kernel = 0xffff_8000_0800_0000n;
  const select = u64((1n << 64n) - 1n);
  const more = {
    '.text': { bytes: [], address: kernel, size: 0x1000 },
    '.debug_ranges': {
      bytes: bytesOf(
        bytesOf(u64(kernel + 4n), u64(kernel + 8n)),
        bytesOf(select, u64(kernel + 0x100n), u64(4), u64(8)),
        bytesOf(select, u64(0), u64(kernel + 0x204n), u64(kernel + 0x208n)),
        bytesOf(u64(0), u64(0)),
      ),
    },
  };
  const root = unitEntry(
    [
      [DW_AT.low_pc, DW_FORM.addr, u64(0)],
      [DW_AT.ranges, DW_FORM.sec_offset, u32(0)],
    ],
    [],
  );
  const { units } = openUnits([root], { version: 4, more });
  t.same(units[0] && rangesOf(units[0].root).map(({ start, end }) => [start, end]), [
    [4, 8],
    [0x104, 0x108],
    [0x204, 0x208],
  ]);
});
