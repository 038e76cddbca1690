// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Line programs made by hand: [DWARF5 6.2.5] opcode by opcode, and what damaged
// ones may contain.

import t from 'tap';
import { DW_AT, DW_FORM, DW_LNE, DW_LNS, DW_TAG } from '../../lib/dwarf/constants.js';
import { LineTable } from '../../lib/dwarf/line-table.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import {
  bytesOf,
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

const COUNTS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const OPCODE_BASE = 13;

interface Header {
  readonly version: number;
  readonly minimum?: number;
  readonly operations?: number;
  readonly range?: number;
  readonly counts?: readonly number[];
}

/** line_base is -5 and line_range 14 by default, as in tables of gcc and clang. */
const parameters = ({ version, minimum = 4, operations = 1, range = 14, counts = COUNTS }: Header): Piece =>
  bytesOf(minimum, version >= 4 ? operations : [], 1, 0xfb, range, counts.length + 1, counts);

const oldFiles = bytesOf(
  text('include'),
  text('/usr/include/'),
  0,
  bytesOf(text('a.c'), uleb(0), uleb(0), uleb(0)),
  bytesOf(text('a.h'), uleb(1), uleb(5), uleb(6)),
  bytesOf(text('types.h'), uleb(2), uleb(0), uleb(0)),
  bytesOf(text('/abs/b.h'), uleb(1), uleb(0), uleb(0)),
  0,
);

const old = (header: Header, ...program: readonly Piece[]): readonly number[] => {
  const rest = bytesOf(parameters(header), oldFiles);
  return sized(u16(header.version), u32(rest.length), rest, ...program);
};

/** Directories by name; files by name, directory, and MD5 and size, which are passed over. */
const newFiles = bytesOf(
  1,
  bytesOf(uleb(1), uleb(DW_FORM.string)),
  uleb(2),
  text('/src'),
  text('include'),
  4,
  bytesOf(uleb(1), uleb(DW_FORM.line_strp), uleb(2), uleb(DW_FORM.udata)),
  bytesOf(uleb(5), uleb(DW_FORM.data16), uleb(4), uleb(DW_FORM.udata)),
  uleb(2),
  bytesOf(u32(0), uleb(0), Array(16).fill(0), uleb(9)),
  bytesOf(u32(4), uleb(1), Array(16).fill(0), uleb(9)),
);

const five = (files: readonly number[], ...program: readonly Piece[]): readonly number[] => {
  const rest = bytesOf(parameters({ version: 5 }), files);
  return sized(u16(5), 8, 0, u32(rest.length), rest, ...program);
};

const setAddress = (address: number): Piece => bytesOf(0, uleb(9), DW_LNE.set_address, u64(address));
const endSequence: Piece = [0, 1, DW_LNE.end_sequence];
/** A special opcode: addresses in units of the minimum instruction length. [DWARF5 6.2.5.1] */
const special = (address: number, line: number): number => line + 5 + 14 * address + OPCODE_BASE;

/** A line table of these bytes, in an image whose .text is at 0x1000. */
const tableOf = (bytes: readonly number[], version = 4): LineTable => {
  const form = version >= 4 ? DW_FORM.sec_offset : DW_FORM.data4;
  const abbreviations = bytesOf(1, DW_TAG.compile_unit, 0, DW_AT.stmt_list, form, 0, 0, 0);
  const sections = makeSections(
    {
      '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
      '.debug_info': { bytes: sized(u16(4), u32(0), 8, 1, u32(0)) },
      '.debug_abbrev': { bytes: abbreviations },
      '.debug_line': { bytes },
      '.debug_line_str': { bytes: bytesOf(text('a.c'), text('a.h')) },
    },
    2,
  );
  const [unit] = new UnitIndex(sections).all();
  if (!unit) throw new Error('there is no unit');
  return new LineTable(unit, { section: null, offset: 0 });
};

const at = (table: LineTable, offset: number) => {
  const row = table.find({ section: -1, offset });
  return row && `${table.header.file(row.file)}:${row.line}:${row.column}`;
};

for (const version of [2, 3, 4]) {
  t.test(`version ${version}: each opcode has its effect, and files and directories count from 1`, (t) => {
    const table = tableOf(
      old(
        { version },
        setAddress(0x1000),
        bytesOf(DW_LNS.set_column, uleb(7), DW_LNS.copy),
        special(1, 2),
        bytesOf(DW_LNS.set_file, uleb(2), DW_LNS.advance_line, 0x7f, DW_LNS.advance_pc, uleb(3), DW_LNS.copy),
        bytesOf(DW_LNS.const_add_pc, special(0, 1)),
        bytesOf(
          DW_LNS.fixed_advance_pc,
          u16(6),
          DW_LNS.negate_stmt,
          DW_LNS.set_basic_block,
          DW_LNS.set_prologue_end,
        ),
        bytesOf(DW_LNS.set_epilogue_begin, DW_LNS.set_isa, uleb(300), DW_LNS.set_file, uleb(3), DW_LNS.copy),
        bytesOf(0, uleb(2), DW_LNE.set_discriminator, uleb(9)),
        bytesOf(0, uleb(1 + 7 + 3), DW_LNE.define_file, text('late.h'), uleb(1), uleb(0), uleb(0)),
        bytesOf(DW_LNS.set_file, uleb(4), special(1, 0), DW_LNS.set_file, uleb(5), special(1, 0)),
        bytesOf(DW_LNS.set_file, uleb(0), special(1, 0), DW_LNS.advance_pc, uleb(1)),
        endSequence,
      ),
      version,
    );
    t.equal(at(table, 0), 'a.c:1:7');
    t.equal(at(table, 3), 'a.c:1:7');
    t.equal(at(table, 4), 'a.c:3:7');
    t.equal(at(table, 16), 'include/a.h:2:7');
    // const_add_pc: (255 - 13) / 14 = 17 instructions
    t.equal(at(table, 16 + 68), 'include/a.h:3:7');
    t.equal(at(table, 84 + 6), '/usr/include/types.h:3:7');
    t.equal(at(table, 94), '/abs/b.h:3:7');
    t.equal(at(table, 98), 'include/late.h:3:7');
    t.equal(at(table, 102), 'null:3:7');
    t.equal(at(table, 106), null);
    t.equal(table.header.directory, null);
    t.end();
  });
}

t.test('version 5: files count from 0, and directory 0 is that of the compilation', (t) => {
  const table = tableOf(
    five(
      newFiles,
      setAddress(0x1000),
      bytesOf(DW_LNS.set_file, uleb(0), DW_LNS.copy, special(1, 0), DW_LNS.set_file, uleb(1), special(1, 0)),
      bytesOf(DW_LNS.set_file, uleb(2), special(1, 0), DW_LNS.advance_pc, uleb(1)),
      endSequence,
    ),
  );
  t.equal(at(table, 0), 'a.c:1:0');
  t.equal(at(table, 8), 'include/a.h:1:0');
  t.equal(at(table, 12), 'null:1:0');
  t.equal(table.header.directory, '/src');
  t.end();
});

t.test('of several rows at one address the last counts', (t) => {
  const table = tableOf(
    old(
      { version: 4 },
      setAddress(0x1010),
      bytesOf(special(0, 1), special(0, 1), special(0, 1), special(1, 4), DW_LNS.advance_pc, uleb(1)),
      endSequence,
    ),
  );
  t.equal(at(table, 0xf), null);
  t.equal(at(table, 0x10), 'a.c:4:0');
  t.equal(at(table, 0x13), 'a.c:4:0');
  t.equal(at(table, 0x14), 'a.c:8:0');
  t.end();
});

t.test('each sequence begins with the registers reset', (t) => {
  const table = tableOf(
    old(
      { version: 4 },
      bytesOf(
        setAddress(0x1100),
        DW_LNS.set_file,
        uleb(2),
        special(0, 5),
        DW_LNS.advance_pc,
        uleb(4),
        endSequence,
      ),
      bytesOf(setAddress(0x1000), special(0, 1), DW_LNS.advance_pc, uleb(4), endSequence),
    ),
  );
  t.equal(at(table, 0x100), 'include/a.h:6:0');
  t.equal(at(table, 0), 'a.c:2:0');
  t.equal(at(table, 0x10), null);
  t.end();
});

t.test('an advance of almost 2^64 goes backwards: so LLVM writes a .subsection', (t) => {
  const table = tableOf(
    old(
      { version: 4, minimum: 1 },
      bytesOf(setAddress(0x1000), special(0, 1), DW_LNS.advance_pc, uleb(0x40), special(0, 1)),
      bytesOf(DW_LNS.advance_pc, uleb((1n << 64n) - 0x3cn), special(0, 1)),
      bytesOf(DW_LNS.advance_pc, uleb(0x50), endSequence),
    ),
  );
  t.equal(at(table, 0), 'a.c:2:0');
  t.equal(at(table, 4), 'a.c:4:0');
  t.equal(at(table, 0x3f), 'a.c:4:0');
  t.equal(at(table, 0x40), 'a.c:3:0');
  t.end();
});

t.test('unknown opcodes are passed over, by their count of operands or their length', (t) => {
  const counts = [...COUNTS, 2];
  const table = tableOf(
    old(
      { version: 4, counts },
      bytesOf(setAddress(0x1000), 13, uleb(1000), uleb(2000), 0, uleb(4), 0x80, 1, 2, 3, 0, uleb(0)),
      bytesOf(DW_LNS.copy, DW_LNS.advance_pc, uleb(1), endSequence),
    ),
  );
  t.equal(at(table, 0), 'a.c:1:0');
  t.end();
});

t.test('a sequence without an end is left out', (t) => {
  const table = tableOf(old({ version: 4 }, setAddress(0x1000), special(0, 1), special(4, 1)));
  t.equal(at(table, 0), null);
  t.end();
});

const damaged: readonly {
  readonly name: string;
  readonly bytes: readonly number[];
  readonly sentence: RegExp;
}[] = [
  { name: 'version 1', bytes: sized(u16(1), u32(0)), sentence: /version 1 / },
  { name: 'version 6', bytes: sized(u16(6), u32(0)), sentence: /version 6 / },
  { name: 'a line range of 0', bytes: old({ version: 4, range: 0 }), sentence: /line_range/ },
  {
    name: 'two operations an instruction',
    bytes: old({ version: 4, operations: 2 }),
    sentence: /several operations/,
  },
  { name: 'addresses of 4 bytes', bytes: sized(u16(5), 4, 0, u32(0)), sentence: /addresses of 4 bytes/ },
  {
    name: 'an address of 4 bytes',
    bytes: old({ version: 4 }, [0, 5, DW_LNE.set_address, 0, 0, 0, 0]),
    sentence: /address of 4 bytes/,
  },
  {
    name: 'an opcode longer than the program',
    bytes: old({ version: 4 }, [0, 50, 0x80]),
    sentence: /lies outside/,
  },
  { name: 'a length beyond the section', bytes: bytesOf(u32(5000), u16(4)), sentence: /bytes are needed/ },
  {
    name: 'more files than bytes',
    bytes: five(bytesOf(0, uleb(0), 0, uleb(2n ** 52n))),
    sentence: /4503599627370496 entries/,
  },
];

for (const { name, bytes, sentence } of damaged) {
  t.test(`${name} is damage`, (t) => {
    throwsDamage(t, () => tableOf(bytes), { section: '.debug_line', sentence });
    t.end();
  });
}

t.test('a table of 64-bit DWARF is read', (t) => {
  const rest = bytesOf(parameters({ version: 4 }), oldFiles);
  const content = bytesOf(
    u16(4),
    u64(rest.length),
    rest,
    bytesOf(setAddress(0x1000), DW_LNS.copy, DW_LNS.advance_pc, uleb(1), endSequence),
  );
  t.equal(at(tableOf(bytesOf(u32(0xffffffff), u64(content.length), content)), 0), 'a.c:1:0');
  t.end();
});
