// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Headers of line tables that damaged or later files may have [DWARF5 6.2.4]. How files
// and directories are counted, and what is damage, is in line-table.test.ts.

import t from 'tap';
import { readLineHeader } from '../../lib/dwarf/line-header.js';
import { openUnits, unitEntry } from './made-units.js';
import { bytesOf, type Piece, sized, text, throwsDamage, u16, u32, uleb } from './synthetic.js';

const COPY = 1;

/** A version 4 table: the file a.c, in a directory that does not exist; MORE bytes of header; the program. */
const tableOf = (opcodeBase: number, more: Piece): readonly number[] => {
  const head = bytesOf(
    bytesOf(4, 1, 1, 0xfb, 14, opcodeBase, Array<number>(Math.max(0, opcodeBase - 1)).fill(0)),
    bytesOf(text(''), text('a.c'), uleb(3), uleb(0), uleb(0), 0),
    more,
  );
  return sized(u16(4), u32(head.length), head, COPY);
};

const headerOf = (bytes: readonly number[]) => {
  const { units, sections } = openUnits([unitEntry([], [])], {
    version: 4,
    more: { '.debug_line': { bytes } },
  });
  const [section] = sections.all('.debug_line');
  const [unit] = units;
  if (!unit || !section) throw new Error('there is no unit or no line table');
  return readLineHeader(unit, section, 0);
};

t.test('the program begins where header_length says, past header fields that are not known', async (t) => {
  for (const more of [[], [1, 2, 3]]) {
    const { program } = headerOf(tableOf(13, more));
    t.equal(program.u8(), COPY);
    t.ok(program.atEnd);
  }
});

t.test('opcode_base may be small, but not 0', async (t) => {
  t.same(headerOf(tableOf(1, [])).header.operandCounts, []);
  t.same(headerOf(tableOf(4, [])).header.operandCounts, [0, 0, 0]);
  throwsDamage(t, () => headerOf(tableOf(0, [])), { section: '.debug_line', sentence: /opcode_base of 0/ });
});

t.test('a file in a missing directory is named without one, and a file without a name is null', async (t) => {
  const { header } = headerOf(tableOf(13, []));
  t.equal(header.file(1), 'a.c');
  header.defineFile('', 0);
  t.equal(header.file(2), null, 'an empty name');
  t.equal(header.file(3), null);
});
