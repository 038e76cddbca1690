// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The head of a line table as a mangled or a later file may have it. How files
// and directories are counted, and what is damage, is in line-table.test.ts.
// [DWARF5 6.2.4]

import t from 'tap';
import { readLineHeader } from '../../lib/dwarf/line-header.js';
import { openUnits, unitEntry } from './made-units.js';
import { bytesOf, type Piece, sized, text, throwsDamage, u16, u32, uleb } from './synthetic.js';

const COPY = 1;

/** A version 4 table: files a.c and one without a name, then what the head has besides, then the program. */
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

t.test('the program begins where header_length says, whatever stands in front of it', async (t) => {
  for (const more of [[], [1, 2, 3]]) {
    const { program } = headerOf(tableOf(13, more));
    t.equal(program.u8(), COPY);
    t.ok(program.atEnd);
  }
});

t.test('opcodes without operands may be few; there is no opcode 0', async (t) => {
  t.same(headerOf(tableOf(1, [])).header.operandCounts, []);
  t.same(headerOf(tableOf(4, [])).header.operandCounts, [0, 0, 0]);
  throwsDamage(t, () => headerOf(tableOf(0, [])), { section: '.debug_line', sentence: /opcode_base of 0/ });
});

t.test('a directory that is not there leaves the name alone', async (t) => {
  const { header } = headerOf(tableOf(13, []));
  t.equal(header.file(1), 'a.c');
  header.defineFile('', 0);
  t.equal(header.file(2), null, 'no name is no file');
  t.equal(header.file(3), null);
});
