// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The inlined calls around a place. [DWARF5 3.3.8]

import t from 'tap';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import {
  allFunctionsOf,
  callsAt,
  functionsOf,
  type InlinedCall,
  inlinedCallsOf,
} from '../../lib/dwarf/inline-frames.js';
import { type MadeAttribute, type MadeEntry, openUnits, unitEntry } from './made-units.js';
import { bytesOf, text, u32, u64 } from './synthetic.js';

const covers = (start: number, length: number): readonly MadeAttribute[] => [
  [DW_AT.low_pc, DW_FORM.addr, u64(0x1000 + start)],
  [DW_AT.high_pc, DW_FORM.data4, u32(length)],
];

const made =
  (tag: number) =>
  (name: string, range: readonly [number, number] | null, ...children: readonly MadeEntry[]): MadeEntry => ({
    tag,
    label: name,
    attributes: [[DW_AT.name, DW_FORM.string, text(name)], ...(range ? covers(...range) : [])],
    children,
  });

const subprogram = made(DW_TAG.subprogram);
const inlined = made(DW_TAG.inlined_subroutine);
const block = made(DW_TAG.lexical_block);

const opened = (...children: readonly MadeEntry[]) => {
  const { entry } = openUnits([unitEntry([], children)]);
  const label = (offset: number): string => {
    for (const name of names(children)) if (entry(name).offset === offset) return name;
    return '?';
  };
  const calls = inlinedCallsOf(entry('f'));
  const at = (offset: number) =>
    callsAt(calls, { section: -1, offset })
      .map((call) => label(call.entry.offset))
      .join(' > ');
  return { entry, calls, at, label };
};

const names = (entries: readonly MadeEntry[]): readonly string[] =>
  entries.flatMap(({ label = '', children = [] }) => [label, ...names(children)]);

t.test('nested calls are found, and those in a block whatever ranges the block has', async (t) => {
  const { at } = opened(
    subprogram(
      'f',
      [0, 0x100],
      inlined('a', [0x10, 0x20], block('', [0x14, 4], inlined('b', [0x18, 8])), inlined('c', [0x28, 4])),
      block('', null, block('', [0, 0], inlined('d', [0x40, 4]))),
    ),
  );
  t.equal(at(0x10), 'a');
  t.equal(at(0x18), 'a > b', 'b lies outside the range of its block');
  t.equal(at(0x28), 'a > c');
  t.equal(at(0x40), 'd');
  t.equal(at(0x44), '');
});

t.test('a call inlined into a nested function does not belong to the outer one', async (t) => {
  const { at, entry } = opened(
    subprogram(
      'f',
      [0, 0x100],
      subprogram('nested', [0x80, 0x10], inlined('a', [0x84, 4])),
      inlined('b', [0x20, 4]),
    ),
  );
  t.equal(at(0x84), '');
  t.equal(at(0x20), 'b');
  const { unit } = entry('f');
  const place = { section: -1, offset: 0x84 };
  t.equal(functionsOf(unit).find(place)?.offset, entry('f').offset);
  t.equal(allFunctionsOf(unit).find(place)?.offset, entry('nested').offset);
});

t.test('functionsOf() looks into namespaces, allFunctionsOf() into types, too', async (t) => {
  const { entry } = opened(
    made(DW_TAG.namespace)('n', null, subprogram('inside', [0x200, 4])),
    made(DW_TAG.structure_type)('s', null, subprogram('method', [0x300, 4])),
    subprogram('f', [0, 4]),
  );
  const { unit } = entry('f');
  const first = (offset: number) => functionsOf(unit).find({ section: -1, offset })?.offset;
  t.equal(first(0x200), entry('inside').offset);
  t.equal(first(0x300), undefined);
  t.equal(allFunctionsOf(unit).find({ section: -1, offset: 0x300 })?.offset, entry('method').offset);
});

t.test('the range of a call is extended by calls inside it, as strict DWARF 2 needs', async (t) => {
  const { at, calls } = opened(
    subprogram('f', [0, 0x100], inlined('a', [0x10, 0x10], inlined('b', [0x40, 8]), inlined('c', [0x10, 4]))),
  );
  t.equal(at(0x40), 'a > b');
  t.equal(at(0x48), '');
  t.same(
    calls[0]?.ranges.map(({ start, end }) => [start, end]),
    [
      [0x10, 0x20],
      [0x40, 0x48],
    ],
    'a range that is covered already is not added',
  );
});

t.test('a call inside the longest of nested ranges adds no range', async (t) => {
  const lists = bytesOf(u64(0x10), u64(0x40), u64(0x18), u64(0x1c), u64(0), u64(0));
  const pieces: MadeEntry = {
    tag: DW_TAG.inlined_subroutine,
    attributes: [[DW_AT.ranges, DW_FORM.sec_offset, u32(0)]],
    children: [inlined('b', [0x20, 8])],
  };
  const { entry } = openUnits(
    [unitEntry([[DW_AT.low_pc, DW_FORM.addr, u64(0x1000)]], [subprogram('f', [0, 0x100], pieces)])],
    { version: 4, more: { '.debug_ranges': { bytes: lists } } },
  );
  t.equal(inlinedCallsOf(entry('f'))[0]?.ranges.length, 2);
});

t.test('of overlapping calls the first is found, through the table that many calls get, too', async (t) => {
  // More than sixty calls, so that a table is made; the long ones overlap the short ones.
  const many = Array.from({ length: 60 }, (_, index) => inlined(`i${index}`, [index * 8, 8]));
  const { calls, at, label } = opened(
    subprogram(
      'f',
      [0, 0x400],
      inlined('late', [0x300, 0x20]),
      inlined('empty', [0x20, 0]),
      ...many,
      inlined('early', [0x10, 0x300]),
    ),
  );
  t.ok(calls.length > 60);
  const byLooking = (offset: number) =>
    calls.find(({ ranges }) => ranges.some(({ start, end }) => start <= offset && offset < end));
  for (let offset = 0; offset < 0x330; offset += 4) {
    const wanted: InlinedCall | undefined = byLooking(offset);
    t.equal(at(offset), wanted ? label(wanted.entry.offset) : '', `0x${offset.toString(16)}`);
  }
  t.equal(callsAt(calls, { section: 3, offset: 0x10 }).length, 0, 'another section');
});
