// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Units made by hand, entry by entry: what only some compilers write, and what a damaged
// file may contain.

import t from 'tap';
import { ROLE_VARIABLE } from '../../lib/dwarf/abbreviations.js';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { allEntries, nameOf } from '../../lib/dwarf/entries.js';
import { functionsOf, inlinedCallsOf } from '../../lib/dwarf/inline-frames.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import type { Unit } from '../../lib/dwarf/units.js';
import { abbreviation } from './made-units.js';
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
} from './synthetic.js';

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
/** Offset of the root's first child: after the header, the root's code, name and low_pc. */
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

t.test('an entry that is its own origin has no name, and the search for one ends', (t) => {
  const self = FIRST;
  const first = firstUnit(made(unit(FUNCTION, u64(0x10), u32(4), u32(self), 0)));
  const entry = first.entry(self);
  t.equal(entry && nameOf(entry), null);
  t.end();
});

t.test('an origin outside its unit is damage when the name is asked for', (t) => {
  const info = unit(FUNCTION, u64(0x10), u32(4), u32(0x7fffffff), 0);
  const first = firstUnit(made(info));
  const entry = first.entry(FIRST);
  throwsDamage(t, () => entry && nameOf(entry), { section: '.debug_info', sentence: /outside its unit/ });
  t.end();
});

t.test('a reference to an offset where no unit is is damage', (t) => {
  const first = firstUnit(made(unit(COPY, u32(0x999))));
  const entry = first.entry(FIRST);
  throwsDamage(t, () => entry && nameOf(entry), { sentence: /0x999, where no unit is/ });
  t.end();
});

t.test('a DW_AT_sibling that leads backwards is not followed', (t) => {
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

t.test('a function in a namespace is found, one inside another function is not', (t) => {
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

t.test('100,000 levels of nested entries do not overflow the stack', (t) => {
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
  { name: 'a length of 0', bytes: bytesOf(u32(0), u16(5)), sentence: /length is 0/ },
  { name: 'a reserved length', bytes: bytesOf(u32(0xfffffff5), u16(5)), sentence: /length is 0xfffffff5/ },
  { name: 'a length beyond the section', bytes: bytesOf(u32(100), u16(5)), sentence: /length is 100/ },
  {
    name: 'a 64-bit length that is too large',
    bytes: bytesOf(u32(0xffffffff), u64((1n << 63n) + 5n), u16(5)),
    sentence: /too large/,
  },
];

for (const { name, bytes, sentence } of lengths) {
  t.test(`${name} ends the list of units, and is reported`, (t) => {
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
  t.test(`a unit with ${name} is passed over, and reported`, (t) => {
    const index = new UnitIndex(makeSections(made([...bytes, ...unit()])));
    t.equal([...index.all()].length, 1);
    t.equal(index.find({ section: 1, offset: 0 }), null);
    t.match(index.problem?.sentence, sentence);
    t.end();
  });
}

t.test('a unit of 64-bit DWARF is read', (t) => {
  const content = bytesOf(u16(5), 1, 8, u64(0), ROOT, text('wide.c'), u64(0), 0);
  const first = firstUnit(made(bytesOf(u32(0xffffffff), u64(content.length), content)));
  t.equal(first.name, 'wide.c');
  t.equal(first.extent.offsetSize, 8);
  t.end();
});
