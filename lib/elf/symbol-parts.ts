// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a symbol table is in a file, with its names and what else it takes to read
// it. [gABI "Symbol Table", "SHT_SYMTAB_SHNDX"]

import { wordsOf } from './byte-source.js';
import { FormatError } from './format-error.js';
import type { Section } from './section-headers.js';
import { SHT } from './vocabulary.js';

/** Bytes in an Elf64_Sym. */
const SYM_SIZE = 24;

/** A symbol table: its section, what is in it, its names, and the extended section indexes where it has some. */
export interface SymbolParts {
  readonly table: Section;
  readonly words: Uint32Array;
  readonly names: Buffer;
  readonly extended: Uint32Array | null;
}

/** A file whose sections can be read; see ObjectFile. */
interface Sections {
  readonly path: string;
  readonly sections: readonly Section[];
  sizeOf(section: Section): number;
  read(section: Section, offset: number, length: number): Uint8Array<ArrayBuffer>;
  contents(section: Section): Uint8Array<ArrayBuffer>;
}

/**
 * null in a stripped file. Throws FormatError where it is damaged. `areGlobal`: local symbols are not read, and zeros stand
 * for them.
 */
export const readSymbolParts = (file: Sections, areGlobal: boolean): SymbolParts | null => {
  const { path, sections } = file;
  const table = sections.find((section) => section.type === SHT.SYMTAB);
  if (!table) return null;
  if (table.entrySize !== SYM_SIZE) {
    const sentence = `symbols of ${table.entrySize} bytes, where ELF64 has ${SYM_SIZE}`;
    throw new FormatError(path, table.name, 0, sentence);
  }
  const strings = sections[table.link];
  if (!strings || strings.type !== SHT.STRTAB) {
    const sentence = `its string table should be section ${table.link}, which is none`;
    throw new FormatError(path, table.name, 0, sentence);
  }
  const extended = sections.find(
    (section) => section.type === SHT.SYMTAB_SHNDX && section.link === table.index,
  );
  return {
    table,
    words: wordsOf(areGlobal ? contentsFrom(file, table, table.info * SYM_SIZE) : file.contents(table)),
    names: Buffer.from(file.contents(strings).buffer),
    extended: extended ? wordsOf(file.contents(extended)) : null,
  };
};

/** A section's contents from an offset on, or its end; zeros stand for what is in front. */
const contentsFrom = (file: Sections, section: Section, offset: number): Uint8Array<ArrayBuffer> => {
  const size = file.sizeOf(section);
  const start = Math.min(offset, size);
  const contents = new Uint8Array(size);
  contents.set(file.read(section, start, size - start), start);
  return contents;
};
