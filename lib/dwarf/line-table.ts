// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A unit's line table: the program is run once, and its rows are kept by sequence.
// Several rows may have the same address (gcc's location views, or a statement
// without code before another); the last one counts, as in addr2line. Line 0 is
// code that the compiler added. [DWARF5 6.2]

import { firstWhere } from '../elf/bisect.js';
import type { Cursor } from '../elf/cursor.js';
import { NOWHERE, type Place } from './address-space.js';
import { DW_LNE, DW_LNS } from './constants.js';
import { IntervalMap } from './interval-map.js';
import { type LineHeader, readLineHeader } from './line-header.js';
import type { RelocatedCursor, Target } from './relocated-section.js';
import type { Unit } from './units.js';

/** A place in a source file; `file` is an index into the table's files, as in DW_AT_decl_file and DW_AT_call_file. */
export interface LineRow {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** Code without a gap: its rows by offset, four numbers each, so that a large table stays small. */
type Sequence = readonly number[];
/** Numbers per row: offset, file, line, column. */
const WIDTH = 4;

export class LineTable {
  readonly header: LineHeader;
  readonly #sequences: IntervalMap<Sequence>;

  /** `unit` provides the version of the strings and the compilation directory. Throws FormatError for a damaged table. */
  constructor(unit: Unit, target: Target) {
    const section = unit.sections.of(target, '.debug_line');
    const { header, program } = readLineHeader(unit, section, target.offset);
    section.spend(program.end - target.offset);
    this.header = header;
    this.#sequences = run(header, program);
  }

  /** The row that a place belongs to. */
  find(place: Place): LineRow | null {
    const rows = this.#sequences.find(place);
    if (!rows) return null;
    const behind = firstWhere(rows.length / WIDTH, (index) => (rows[index * WIDTH] ?? 0) > place.offset);
    const at = (behind - 1) * WIDTH;
    return { file: rows[at + 1] ?? 0, line: rows[at + 2] ?? 0, column: rows[at + 3] ?? 0 };
  }
}

/** Sorts rows by offset, stably. Compilers write them in order already. */
const inOrder = (rows: number[]): Sequence => {
  let sorted = true;
  for (let at = WIDTH; at < rows.length; at += WIDTH) {
    if ((rows[at] ?? 0) < (rows[at - WIDTH] ?? 0)) sorted = false;
  }
  if (sorted) return rows;
  const starts = Array.from({ length: rows.length / WIDTH }, (_, index) => index * WIDTH);
  starts.sort((a, b) => (rows[a] ?? 0) - (rows[b] ?? 0) || a - b);
  return starts.flatMap((at) => rows.slice(at, at + WIDTH));
};

/** The registers of the state machine that are used here. [DWARF5 6.2.2] */
class Machine {
  readonly sequences = new IntervalMap<Sequence>();
  section = NOWHERE;
  offset = 0;
  file = 1;
  line = 1;
  column = 0;
  #rows: number[] = [];

  append(): void {
    this.#rows.push(this.offset, this.file, this.line, this.column);
  }

  /** A sequence that the program does not end is dropped: the end of its last row is not known. */
  endSequence(): void {
    const rows = inOrder(this.#rows);
    const { section, offset } = this;
    this.sequences.add({ section, start: rows[0] ?? offset, end: offset }, rows);
    this.#rows = [];
    this.section = NOWHERE;
    this.offset = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
  }
}

/** Runs a program up to the end of its cursor; each turn takes at least one byte. */
const run = (header: LineHeader, program: RelocatedCursor): IntervalMap<Sequence> => {
  const machine = new Machine();
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength } = header;
  while (!program.atEnd) {
    const opcode = program.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      machine.offset += Math.floor(adjusted / lineRange) * minimumInstructionLength;
      machine.line += lineBase + (adjusted % lineRange);
      machine.append();
    } else if (opcode === 0) extended(header, machine, program);
    else standard(header, machine, program, opcode);
  }
  return machine.sequences;
};

/**
 * An unsigned LEB128 number with 64-bit wraparound: if a later .subsection was written before the rest of a section,
 * LLVM goes back by adding almost 2^64.
 */
const wrappedLeb = (cursor: Cursor): number => {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = cursor.u8();
    if (shift === 0n && byte < 0x80) return byte;
    if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number(BigInt.asIntN(64, value));
  }
};

/** [DWARF5 6.2.5.2] */
const standard = (header: LineHeader, machine: Machine, program: RelocatedCursor, opcode: number): void => {
  const { opcodeBase, lineRange, minimumInstructionLength } = header;
  switch (opcode) {
    case DW_LNS.copy:
      machine.append();
      return;
    case DW_LNS.advance_pc:
      machine.offset += wrappedLeb(program) * minimumInstructionLength;
      return;
    case DW_LNS.advance_line:
      machine.line += program.sleb();
      return;
    case DW_LNS.set_file:
      machine.file = program.uleb();
      return;
    case DW_LNS.set_column:
      machine.column = program.uleb();
      return;
    case DW_LNS.const_add_pc:
      machine.offset += Math.floor((255 - opcodeBase) / lineRange) * minimumInstructionLength;
      return;
    case DW_LNS.fixed_advance_pc:
      machine.offset += program.u16();
      return;
    default:
      // The header gives the number of LEB128 operands, so that unknown opcodes can be skipped.
      for (let operands = header.operandCounts[opcode - 1] ?? 0; operands > 0; operands--) program.uleb();
  }
};

/** [DWARF5 6.2.5.3] */
const extended = (header: LineHeader, machine: Machine, program: RelocatedCursor): void => {
  const length = program.uleb();
  const next = program.offset + length;
  if (length === 0) return;
  const opcode = program.u8();
  if (opcode === DW_LNE.end_sequence) machine.endSequence();
  else if (opcode === DW_LNE.set_address) {
    if (length !== 9) program.fail(`an address of ${length - 1} bytes, where AArch64 has 8`);
    const { section, offset } = program.place();
    machine.section = section;
    machine.offset = offset;
  } else if (opcode === DW_LNE.define_file) header.defineFile(program.string(), program.uleb());
  program.offset = next;
};
