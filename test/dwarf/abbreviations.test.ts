// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an abbreviation says about all of its entries: their size, where DW_AT_sibling
// stands in them, and which searches they matter to. Sizes are those of [DWARF5 7.5.6].

import t from 'tap';
import {
  AbbreviationTable,
  ROLE_BLOCK,
  ROLE_CONTAINER,
  ROLE_FUNCTION,
  ROLE_INLINED,
  ROLE_VARIABLE,
} from '../../lib/dwarf/abbreviations.js';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { bytesOf, makeSections, type Piece, throwsDamage, uleb } from './synthetic.js';

const abbreviation = (code: number, tag: number, ...rest: readonly Piece[]): Piece =>
  bytesOf(uleb(code), uleb(tag), 0, ...rest, 0, 0);

const tableOf = (bytes: readonly number[], offset = 0, version = 5) => {
  const [section] = makeSections({ '.debug_abbrev': { bytes } }).all('.debug_abbrev');
  if (!section) throw new Error('there is no .debug_abbrev');
  return new AbbreviationTable(section, offset, { version, offsetSize: 4 });
};

t.test('an entry has a fixed size if all of its forms have one', async (t) => {
  const { low_pc, name, sibling, decl_line } = DW_AT;
  const { addr, strp, data2, string, ref4, ref_udata, implicit_const, flag_present } = DW_FORM;
  const rows: readonly (readonly [string, readonly Piece[], number | null, number | null])[] = [
    ['addr and strp', [low_pc, addr, name, strp], 12, null],
    ['a string varies', [low_pc, addr, name, string, decl_line, data2], null, null],
    // -3 stands in the abbreviation: an entry has no bytes for it, nor for flag_present.
    ['implicit_const', [decl_line, implicit_const, 0x7d, decl_line, flag_present, name, strp], 4, null],
    ['sibling', [low_pc, addr, sibling, ref4, name, strp], 16, 8],
    ['a sibling behind a string', [name, string, sibling, ref4], null, null],
    ['a sibling in another form', [sibling, ref_udata], null, null],
  ];
  for (const [title, attributes, size, siblingAt] of rows)
    t.match(
      tableOf(bytesOf(abbreviation(1, DW_TAG.subprogram, ...attributes), 0)).get(1),
      { size, siblingAt },
      title,
    );
});

t.test('the value of an implicit_const is signed, and the attributes after it are read', async (t) => {
  const row = abbreviation(
    1,
    DW_TAG.variable,
    DW_AT.decl_line,
    DW_FORM.implicit_const,
    0x7d,
    DW_AT.name,
    DW_FORM.strp,
  );
  t.same(tableOf(bytesOf(row, 0)).get(1).attributes, [
    { attribute: DW_AT.decl_line, form: DW_FORM.implicit_const, implicit: -3 },
    { attribute: DW_AT.name, form: DW_FORM.strp, implicit: 0 },
  ]);
});

t.test('ref_addr has the size of an address in DWARF 2, and of an offset from DWARF 3 on', async (t) => {
  const bytes = bytesOf(abbreviation(1, DW_TAG.subprogram, DW_AT.specification, DW_FORM.ref_addr), 0);
  t.equal(tableOf(bytes, 0, 2).get(1).size, 8);
  t.equal(tableOf(bytes, 0, 3).get(1).size, 4);
});

t.test('a function counts if it has code, a variable if it has a location, blocks always', async (t) => {
  const { low_pc, ranges, name, location } = DW_AT;
  const { addr, strp, sec_offset, exprloc } = DW_FORM;
  const rows: readonly (readonly [number, readonly Piece[], number])[] = [
    [DW_TAG.subprogram, [low_pc, addr], ROLE_FUNCTION],
    [DW_TAG.subprogram, [name, strp, ranges, sec_offset], ROLE_FUNCTION],
    [DW_TAG.subprogram, [name, strp], 0],
    [DW_TAG.variable, [location, exprloc], ROLE_VARIABLE],
    [DW_TAG.variable, [name, strp], 0],
    [DW_TAG.inlined_subroutine, [], ROLE_INLINED],
    [DW_TAG.lexical_block, [], ROLE_BLOCK],
    [DW_TAG.namespace, [], ROLE_CONTAINER],
    [DW_TAG.structure_type, [low_pc, addr], 0],
  ];
  for (const [tag, attributes, roles] of rows)
    t.equal(
      tableOf(bytesOf(abbreviation(7, tag, ...attributes), 0)).get(7).roles,
      roles,
      `0x${tag.toString(16)}`,
    );
});

t.test('codes stand in any order, the first of two counts, and the table ends at code 0', async (t) => {
  const bytes = bytesOf(
    abbreviation(9, DW_TAG.namespace),
    abbreviation(300, DW_TAG.variable),
    abbreviation(9, DW_TAG.module),
    0,
    abbreviation(4, DW_TAG.module),
    0,
  );
  const table = tableOf(bytes);
  t.equal(table.get(300).tag, DW_TAG.variable);
  const missing = { section: '.debug_abbrev', sentence: 'there is no abbreviation 4' };
  throwsDamage(t, () => table.get(4), missing);
  throwsDamage(t, () => table.get(4), missing); // the error is the same the second time
  t.equal(table.get(9).tag, DW_TAG.namespace);
  t.equal(tableOf(bytes, bytes.length - 6).get(4).tag, DW_TAG.module);
});

t.test('damage behind an abbreviation does not matter until something behind it is looked up', async (t) => {
  const table = tableOf(bytesOf(abbreviation(1, DW_TAG.compile_unit), 2, 0x80));
  t.equal(table.get(1).tag, DW_TAG.compile_unit);
  throwsDamage(t, () => table.get(2), { section: '.debug_abbrev' });
});
