// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The section header table. elfinfo parses it if that is possible: it is given an
// image in memory of the ELF header and the table alone, in which symbol, string
// and relocation tables are masked (it would read each of their entries through a
// promise). Our own loop reads two kinds of object instead: those with e_shnum 0,
// for which elfinfo reports success and no sections, and those with very many
// sections, for which its promise per header costs more than the whole check
// (92 ms at 6,278 sections: one vmlinux.o with a section for each exported
// symbol).

import type { ELFOpenResult } from 'elfinfo';
import { type ByteSource, readExactly, wide, wordsOf } from './byte-source.js';
import { EHDR_SIZE, type FileHeader, SHDR_SIZE } from './file-header.js';
import { FormatError } from './format-error.js';
import { LONGEST_NAME } from './symbols.js';
import { SHT } from './vocabulary.js';

/** A section header. [gABI "Section Header Table Entries"] */
export interface Section {
  readonly index: number;
  readonly name: string;
  /** sh_type. */
  readonly type: number;
  /** sh_flags; no bit above 2^53 is used here. */
  readonly flags: number;
  /** sh_addr. */
  readonly address: bigint;
  /** sh_offset, bytes in the file. */
  readonly offset: number;
  /** sh_size, bytes. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

interface Elfinfo {
  open(image: Uint8Array): Promise<ELFOpenResult>;
}

/** Files with more sections are read without elfinfo: whole kernels, that is, of which a defconfig's has 215. */
export const ELFINFO_MAX_SECTIONS = 100;

/** The name of a section, by sh_name; throws if that lies outside the table of names. */
type NameOf = (section: number, nameIndex: number) => string;

const SH_TYPE = 4;
const SHDR_WORDS = SHDR_SIZE / 4;

/** Section types whose contents elfinfo would read entry by entry. */
const masked: ReadonlySet<number> = new Set([SHT.SYMTAB, SHT.STRTAB, SHT.RELA, SHT.REL, SHT.DYNSYM]);

/** What elfinfo is given: the ELF header and the section headers, nothing else of the file. */
const imageForElfinfo = (ehdr: Uint8Array, table: Uint8Array): Uint8Array<ArrayBuffer> => {
  const image = new Uint8Array(EHDR_SIZE + table.length);
  image.set(ehdr);
  image.set(table, EHDR_SIZE);
  const view = new DataView(image.buffer);
  view.setBigUint64(32, 0n, true); // e_phoff: program headers are not in the image
  view.setBigUint64(40, BigInt(EHDR_SIZE), true); // e_shoff
  view.setUint16(56, 0, true); // e_phnum
  for (let at = EHDR_SIZE; at < image.length; at += SHDR_SIZE) {
    if (masked.has(view.getUint32(at + SH_TYPE, true))) view.setUint32(at + SH_TYPE, SHT.PROGBITS, true);
  }
  return image;
};

const readByElfinfo = async (
  source: ByteSource,
  ehdr: Uint8Array,
  table: Uint8Array,
  nameOf: NameOf,
  load: () => Promise<Elfinfo>,
): Promise<readonly Section[]> => {
  const { open } = await load();
  const { elf, errors } = await open(imageForElfinfo(ehdr, table));
  if (!elf)
    throw new FormatError(source.path, null, 0, `the section headers cannot be read: ${errors.join('; ')}`);
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  return elf.sections.map((section) => ({
    index: section.index,
    name: nameOf(section.index, section.nameix),
    type: view.getUint32(section.index * SHDR_SIZE + SH_TYPE, true),
    flags: Number(section.flags),
    address: BigInt(section.addr),
    offset: Number(section.offset),
    size: Number(section.size),
    link: section.link,
    info: section.info,
    entrySize: Number(section.entsize),
  }));
};

const readByHand = (table: Uint8Array<ArrayBuffer>, nameOf: NameOf): readonly Section[] => {
  const words = wordsOf(table);
  const sections = new Array<Section>(words.length / SHDR_WORDS);
  for (let index = 0, at = 0; index < sections.length; index++, at += SHDR_WORDS) {
    // Within the table: no word is missing.
    const low = words[at + 4] as number;
    const high = words[at + 5] as number;
    sections[index] = {
      index,
      name: nameOf(index, words[at] as number),
      type: words[at + 1] as number,
      flags: wide(words[at + 2] as number, words[at + 3] as number),
      address: (low | high) === 0 ? 0n : (BigInt(high) << 32n) | BigInt(low),
      offset: wide(words[at + 6] as number, words[at + 7] as number),
      size: wide(words[at + 8] as number, words[at + 9] as number),
      link: words[at + 10] as number,
      info: words[at + 11] as number,
      entrySize: wide(words[at + 14] as number, words[at + 15] as number),
    };
  }
  return sections;
};

/** Once: whoever asks for a bundled module gets all its names copied each time. */
let elfinfo: Promise<Elfinfo> | undefined;
const loadElfinfo = (): Promise<Elfinfo> => {
  elfinfo ??= import('elfinfo');
  return elfinfo;
};

/**
 * All section headers with their names. Throws FormatError if the table or a name lies outside the file. `load`: elfinfo,
 * which is loaded only if it is needed.
 */
export const readSectionHeaders = async (
  source: ByteSource,
  header: FileHeader,
  load: () => Promise<Elfinfo> = loadElfinfo,
): Promise<readonly Section[]> => {
  const table = readExactly(
    source,
    header.sectionHeaders,
    header.sectionCount * SHDR_SIZE,
    'the section header table',
  );
  const useElfinfo = header.writtenSectionCount !== 0 && header.sectionCount <= ELFINFO_MAX_SECTIONS;
  const nameOf = nameReader(source, header, table);
  return useElfinfo
    ? await readByElfinfo(source, source.read(0, EHDR_SIZE), table, nameOf, load)
    : readByHand(table, nameOf);
};

const nameReader = (source: ByteSource, header: FileHeader, table: Uint8Array): NameOf => {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const at = header.nameSection * SHDR_SIZE;
  const offset = Number(view.getBigUint64(at + 24, true));
  const size = Number(view.getBigUint64(at + 32, true));
  const bytes = readExactly(source, offset, size, 'the table of section names');
  // One string for all names: each is a slice of it, without a call into native code.
  const names = Buffer.from(bytes.buffer).toString('latin1');
  return (section, nameIndex) => {
    if (nameIndex === 0) return '';
    const end = names.indexOf('\0', nameIndex);
    if (end - nameIndex > LONGEST_NAME)
      throw new FormatError(
        source.path,
        null,
        offset + nameIndex,
        `the name of section ${section} is too long`,
      );
    if (nameIndex < names.length && end >= 0) return names.slice(nameIndex, end);
    throw new FormatError(
      source.path,
      null,
      header.sectionHeaders + section * SHDR_SIZE,
      `the name of section ${section} lies outside the table of names`,
    );
  };
};
