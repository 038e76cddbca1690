// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether it is worth while to open an object for what it defines: of those that were
// built of KVM, one in ten has a symbol that the nVHE code is looked up for. The
// section headers are gone through as they are in the file, without a name or an
// object for any.

import { type ByteSource, readExactly, wide, wordsOf } from './byte-source.js';
import { readFileHeader, SHDR_SIZE } from './file-header.js';
import { SymbolTable } from './symbols.js';
import { SHT } from './vocabulary.js';
import type { WantedNames } from './wanted-names.js';

const SHDR_WORDS = SHDR_SIZE / 4;
/** Bytes in an Elf64_Sym. */
const SYM_SIZE = 24;

/**
 * Whether an object defines one of some names for others; true as well if that takes more to tell. Throws FormatError for
 * what is not an AArch64 ELF64 file, or is damaged.
 */
export const mayDefine = (source: ByteSource, names: WantedNames): boolean => {
  const header = readFileHeader(source);
  // So many sections that symbols have their indexes in a table beside.
  if (header.writtenSectionCount === 0) return true;
  const size = header.sectionCount * SHDR_SIZE;
  const headers = wordsOf(readExactly(source, header.sectionHeaders, size, 'the section header table'));
  const field = (section: number, word: number): number => headers[section * SHDR_WORDS + word] ?? 0;
  /** Of a field of 64 bits. */
  const wideField = (section: number, word: number): number =>
    wide(field(section, word), field(section, word + 1));
  for (let section = 1; section < header.sectionCount; section++) {
    if (field(section, 1) !== SHT.SYMTAB) continue;
    const [strings, locals] = [field(section, 10), field(section, 11)];
    const start = locals * SYM_SIZE;
    const symbols = readExactly(
      source,
      wideField(section, 6) + start,
      wideField(section, 8) - start,
      'the symbol table',
    );
    const table = readExactly(source, wideField(strings, 6), wideField(strings, 8), 'the string table');
    return new SymbolTable(wordsOf(symbols), Buffer.from(table.buffer), null).globalsNamed(names).size > 0;
  }
  return false;
};
