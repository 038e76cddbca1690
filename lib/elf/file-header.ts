// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The ELF header: what is refused, with a sentence for each, and where the section
// headers are. [gABI "ELF Header"]
//
// Extended numbering: an object with 0xff00 or more sections has e_shnum 0 and the
// real count in sh_size of section header 0, and e_shstrndx SHN_XINDEX and the
// real index in its sh_link.

import { type ByteSource, readExactly } from './byte-source.js';
import { Cursor } from './cursor.js';
import { foreignFile } from './foreign-file.js';
import { FormatError } from './format-error.js';
import { EM_AARCH64, ET, SHN } from './vocabulary.js';

/** Bytes in an ELF64 header. */
export const EHDR_SIZE = 64;
/** Bytes in an ELF64 section header. */
export const SHDR_SIZE = 64;

export interface FileHeader {
  /** e_type: ET.REL, ET.EXEC or ET.DYN. */
  readonly type: number;
  /** e_shoff, bytes. */
  readonly sectionHeaders: number;
  /** e_shnum as written: 0 with extended numbering, or without sections. */
  readonly writtenSectionCount: number;
  readonly sectionCount: number;
  /** The index of the section that holds the sections' names. */
  readonly nameSection: number;
}

/** Machines of files that people hand in by mistake; others are shown by number. [gABI "Machine"] */
const machineNames: ReadonlyMap<number, string> = new Map([
  [3, 'Intel 80386'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, 'PowerPC64'],
  [22, 'S390'],
  [40, '32-bit ARM'],
  [62, 'x86-64'],
  [243, 'RISC-V'],
  [258, 'LoongArch'],
]);

/** Reads and checks the header; throws FormatError for anything that is not a little-endian AArch64 ELF64 file. */
export const readFileHeader = (source: ByteSource): FileHeader => {
  const refuse = (offset: number, sentence: string): never => {
    throw new FormatError(source.path, null, offset, sentence);
  };
  const ident = source.read(0, 16);
  const magic = String.fromCharCode(...ident);
  if (source.size === 0) refuse(0, 'the file is empty');
  if (!magic.startsWith('\x7fELF')) refuse(0, foreignFile(source) ?? 'not an ELF file');
  const bytes = readExactly(source, 0, EHDR_SIZE, 'the ELF header');
  const machine = (bytes[18] ?? 0) | ((bytes[19] ?? 0) << 8);
  const bigEndian = bytes[5] === 2;
  const swappedMachine = (bytes[19] ?? 0) | ((bytes[18] ?? 0) << 8);
  const machineName = (number: number) => machineNames.get(number) ?? `machine ${number}`;
  if (bytes[4] !== 2) {
    refuse(
      4,
      `an ELF32 object (${machineName(bigEndian ? swappedMachine : machine)}); only AArch64 ELF64 is checked`,
    );
  }
  if (bigEndian)
    refuse(5, `a big-endian object (${machineName(swappedMachine)}); only little-endian AArch64 is checked`);
  if (bytes[5] !== 1) refuse(5, `unknown byte order ${bytes[5]}`);
  if (machine !== EM_AARCH64) refuse(18, `an object for ${machineName(machine)}, not for AArch64`);

  const cursor = new Cursor(bytes, { file: source.path, section: null, base: 0 });
  cursor.offset = 16;
  const type = cursor.u16();
  if (type !== ET.REL && type !== ET.EXEC && type !== ET.DYN)
    refuse(16, `ELF file of type ${type}: not an object or a linked image`);
  cursor.offset = 40;
  const sectionHeaders = cursor.u64();
  cursor.offset = 58;
  const entrySize = cursor.u16();
  const writtenSectionCount = cursor.u16();
  const writtenNameSection = cursor.u16();
  if (sectionHeaders === 0) refuse(40, 'the file has no section headers');
  if (entrySize !== SHDR_SIZE)
    refuse(58, `section headers of ${entrySize} bytes, where ELF64 has ${SHDR_SIZE}`);

  let sectionCount = writtenSectionCount;
  let nameSection = writtenNameSection;
  if (writtenSectionCount === 0 || writtenNameSection === SHN.XINDEX) {
    const first = readExactly(source, sectionHeaders, SHDR_SIZE, 'section header 0');
    const header = new Cursor(first, { file: source.path, section: null, base: sectionHeaders });
    header.offset = sectionHeaders + 32;
    const size = header.u64();
    const link = header.u32();
    if (writtenSectionCount === 0) sectionCount = size;
    if (writtenNameSection === SHN.XINDEX) nameSection = link;
  }
  if (sectionCount === 0) refuse(sectionHeaders, 'the file has no sections');
  if (nameSection >= sectionCount)
    refuse(62, `the section of names is ${nameSection}, but there are ${sectionCount} sections`);
  return { type, sectionHeaders, writtenSectionCount, sectionCount, nameSection };
};
