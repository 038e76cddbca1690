// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The header of a line table: the parameters of its program, and the files behind
// the file indexes, here and in DW_AT_decl_file and DW_AT_call_file. Up to DWARF 4
// both lists count from 1 (directory 0 is the compilation directory, file 0 is
// none). In DWARF 5 they count from 0, and directory 0 is the compilation
// directory, spelled out. [DWARF5 6.2.4 "The Line Number Program Header"]

import { DW_FORM, DW_LNCT } from './constants.js';
import { type Encoding, type FormValue, readForm, skipForm } from './forms.js';
import type { RelocatedCursor, RelocatedSection } from './relocated-section.js';
import type { Unit } from './units.js';

interface NamedEntry {
  readonly name: FormValue;
  readonly directory: number;
}

interface Parameters {
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of LEB128 operands of each standard opcode, starting with opcode 1. */
  readonly operandCounts: readonly number[];
}

export class LineHeader implements Parameters {
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
  readonly #unit: Unit;
  readonly #version: number;
  readonly #directories: readonly NamedEntry[];
  readonly #files: NamedEntry[];
  readonly #paths = new Map<number, string | null>();

  constructor(
    unit: Unit,
    version: number,
    parameters: Parameters,
    directories: readonly NamedEntry[],
    files: NamedEntry[],
  ) {
    this.#unit = unit;
    this.#version = version;
    this.minimumInstructionLength = parameters.minimumInstructionLength;
    this.lineBase = parameters.lineBase;
    this.lineRange = parameters.lineRange;
    this.opcodeBase = parameters.opcodeBase;
    this.operandCounts = parameters.operandCounts;
    this.#directories = directories;
    this.#files = files;
  }

  /** DW_LNE_define_file, which version 5 dropped. */
  defineFile(name: string, directory: number): void {
    this.#files.push({ name: { kind: 'string', text: name }, directory });
  }

  /**
   * A file as the compiler prints it: relative to the compilation directory if it was given so, else absolute. null for
   * an index that means no file.
   */
  file(index: number): string | null {
    const known = this.#paths.get(index);
    if (known !== undefined) return known;
    const path = this.#pathOf(index);
    this.#paths.set(index, path);
    return path;
  }

  #pathOf(index: number): string | null {
    const first = this.#version >= 5 ? 0 : 1;
    const entry = this.#files[index - first];
    const name = entry && this.#unit.string(entry.name);
    if (!entry || !name) return null;
    // Directory 0 is the compilation directory in every version.
    if (name.startsWith('/') || entry.directory === 0) return name;
    const directory = this.#directories[entry.directory - first];
    const path = directory && this.#unit.string(directory.name);
    return path ? `${path}${path.endsWith('/') ? '' : '/'}${name}` : name;
  }

  /** The compilation directory as the table has it; null before version 5. */
  get directory(): string | null {
    const [first] = this.#directories;
    return this.#version >= 5 && first ? this.#unit.string(first.name) : null;
  }
}

/** The header at `start`, and a cursor over the program after it. */
export const readLineHeader = (
  unit: Unit,
  section: RelocatedSection,
  start: number,
): { readonly header: LineHeader; readonly program: RelocatedCursor } => {
  const length = section.plain(start, 12);
  let offsetSize: 4 | 8 = 4;
  let size = length.u32();
  if (size === 0xffffffff) {
    offsetSize = 8;
    size = length.u64();
  }
  const cursor = section.range(start, length.offset + size);
  cursor.offset = length.offset;
  const version = cursor.u16();
  if (version < 2 || version > 5) cursor.fail(`a line table of version ${version} is not known`);
  if (version >= 5) {
    const addressSize = cursor.u8();
    if (addressSize !== 8) cursor.fail(`addresses of ${addressSize} bytes, where AArch64 has 8`);
    cursor.skip(1); // segment_selector_size
  }
  const headerLength = offsetSize === 4 ? cursor.u32() : cursor.u64();
  const program = cursor.offset + headerLength;
  const parameters = readParameters(cursor, version);
  const encoding: Encoding = { version, offsetSize };
  const directories = version >= 5 ? readEntries(cursor, encoding) : readOldDirectories(cursor);
  const files = version >= 5 ? readEntries(cursor, encoding) : readOldFiles(cursor);
  cursor.offset = program;
  return { header: new LineHeader(unit, version, parameters, directories, files), program: cursor };
};

const readParameters = (cursor: RelocatedCursor, version: number): Parameters => {
  const minimumInstructionLength = cursor.u8();
  // More than one operation per instruction is for VLIW machines.
  if (version >= 4 && cursor.u8() > 1)
    cursor.fail('the line table is for instructions of several operations');
  cursor.skip(1); // default_is_stmt
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0 || opcodeBase === 0) cursor.fail('the line table has a line_range or opcode_base of 0');
  const operandCounts = [...cursor.bytes(opcodeBase - 1)];
  return { minimumInstructionLength, lineBase, lineRange, opcodeBase, operandCounts };
};

/** Version 5: a description of the fields, then the entries. */
const readEntries = (cursor: RelocatedCursor, encoding: Encoding): NamedEntry[] => {
  const fields: { readonly content: number; readonly form: number }[] = [];
  for (let count = cursor.u8(); count > 0; count--) {
    fields.push({ content: cursor.uleb(), form: cursor.uleb() });
  }
  const count = cursor.uleb();
  // With entries of zero bytes, a corrupted count would keep us busy for ever.
  if (count > cursor.end - cursor.offset) cursor.fail(`a list of files has ${count} entries`);
  const entries: NamedEntry[] = [];
  for (let index = 0; index < count; index++) {
    let name: FormValue = { kind: 'elsewhere' };
    let directory = 0;
    for (const { content, form } of fields) {
      if (content === DW_LNCT.path) name = readForm(cursor, form, 0, encoding);
      else if (content === DW_LNCT.directory_index) {
        const value = readForm(cursor, form, 0, encoding);
        if (value.kind === 'constant') directory = value.value;
      } else skipForm(cursor, form, encoding);
    }
    entries.push({ name, directory });
  }
  return entries;
};

const readOldDirectories = (cursor: RelocatedCursor): NamedEntry[] => {
  const directories: NamedEntry[] = [];
  for (;;) {
    const name = readForm(cursor, DW_FORM.string, 0, { version: 4, offsetSize: 4 });
    if (name.kind === 'string' && name.text === '') return directories;
    directories.push({ name, directory: 0 });
  }
};

const readOldFiles = (cursor: RelocatedCursor): NamedEntry[] => {
  const files: NamedEntry[] = [];
  for (;;) {
    const text = cursor.string();
    if (text === '') return files;
    files.push({ name: { kind: 'string', text }, directory: cursor.uleb() });
    cursor.uleb(); // time of modification
    cursor.uleb(); // length
  }
};
