// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Reads and writes ELF64 section headers and copies contents, as far as making the
// bench's inputs needs it. Deliberately separate from lib/elf: the program that is
// measured should not produce its own input.

import { readSync } from 'node:fs';

export interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** Bytes in the file. */
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
}

export interface ElfImage {
  readonly header: Buffer;
  /** The section header table, as in the file. */
  readonly table: Buffer;
  readonly sections: readonly SectionHeader[];
}

export const EHDR_SIZE = 64;
export const SHDR_SIZE = 64;
export const SHT_SYMTAB = 2;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHF_EXECINSTR = 4;

/** Words in an Elf64_Sym and in an Elf64_Rela. */
export const WORDS = 6;

/** The bytes from `offset` to `offset + length`; throws if the file is shorter. */
export const readBytes = (descriptor: number, offset: number, length: number): Buffer => {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let filled = 0; filled < length; ) {
    const got = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (got === 0) throw new Error(`the file ends at ${offset + filled}`);
    filled += got;
  }
  return bytes;
};

/** Like readBytes, as 32-bit words; needs a little-endian host. */
export const wordsOf = (bytes: Buffer): Uint32Array =>
  new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);

/** An object with fewer than 65,280 sections; the kernels of the bench have a few thousand at most. */
export const readElfImage = (descriptor: number): ElfImage => {
  const header = readBytes(descriptor, 0, EHDR_SIZE);
  const count = header.readUInt16LE(60);
  if (header.readUInt32BE(0) !== 0x7f454c46 || count === 0) throw new Error('not an object with sections');
  const table = readBytes(descriptor, Number(header.readBigUInt64LE(40)), count * SHDR_SIZE);
  const wide = (index: number, field: number) => Number(table.readBigUInt64LE(index * SHDR_SIZE + field));
  const word = (index: number, field: number) => table.readUInt32LE(index * SHDR_SIZE + field);
  const nameSection = header.readUInt16LE(62);
  const names = readBytes(descriptor, wide(nameSection, 24), wide(nameSection, 32));
  const sections = Array.from({ length: count }, (_, index) => {
    const start = word(index, 0);
    return {
      index,
      name: names.toString('latin1', start, names.indexOf(0, start)),
      type: word(index, 4),
      flags: wide(index, 8),
      offset: wide(index, 24),
      size: wide(index, 32),
      link: word(index, 40),
      info: word(index, 44),
      align: Math.max(1, wide(index, 48)),
    };
  });
  return { header, table, sections };
};

export const sectionNamed = ({ sections }: ElfImage, name: string): SectionHeader => {
  const found = sections.find((section) => section.name === name);
  if (!found) throw new Error(`the object has no section ${name}`);
  return found;
};
