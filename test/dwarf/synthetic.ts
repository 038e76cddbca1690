// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Makes objects from bytes: sections, their relocations, and section symbols. Numbers are
// little-endian; strings end in NUL.

import type { Test } from 'tap';
import { DebugSections } from '../../lib/dwarf/debug-sections.js';
import { memorySource } from '../../lib/elf/byte-source.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { ObjectFile, type Section } from '../../lib/elf/object-file.js';
import { ET, SHT } from '../../lib/elf/vocabulary.js';

/** Part of a sequence of bytes: a number is one byte, the functions below make several. */
export type Piece = number | readonly number[];

export const bytesOf = (...pieces: readonly Piece[]): readonly number[] => pieces.flat();

const little = (value: bigint, size: number): readonly number[] =>
  [...Array(size).keys()].map((index) => Number((value >> BigInt(index * 8)) & 0xffn));

export const u16 = (value: number): readonly number[] => little(BigInt(value), 2);
export const u32 = (value: number): readonly number[] => little(BigInt(value), 4);
export const u64 = (value: number | bigint): readonly number[] => little(BigInt(value), 8);

export const uleb = (value: number | bigint): readonly number[] => {
  const low = Number(BigInt(value) & 0x7fn);
  const rest = BigInt(value) >> 7n;
  return rest === 0n ? [low] : [low | 0x80, ...uleb(rest)];
};

export const text = (value: string): readonly number[] => [...Buffer.from(value, 'utf8'), 0];

/** The pieces, after their length in four bytes. */
export const sized = (...pieces: readonly Piece[]): readonly number[] => {
  const content = bytesOf(...pieces);
  return [...u32(content.length), ...content];
};

export interface MadeRelocation {
  readonly offset: number;
  /** R_AARCH64_ABS64 is 257, ABS32 258. */
  readonly type: number;
  /** The name of the section whose symbol is S. */
  readonly to: string;
  readonly addend: number;
}

export interface MadeSection {
  readonly bytes: readonly number[];
  readonly relocations?: readonly MadeRelocation[];
  /** sh_addr; SHF_ALLOC where it is not 0. */
  readonly address?: bigint;
  /** sh_size, if it is not that of the bytes: then the section is SHT_NOBITS. */
  readonly size?: number;
}

/** An ET_REL object, or an ET_EXEC image. */
export const makeObject = (
  made: Readonly<Record<string, MadeSection>>,
  type: number = ET.REL,
): ObjectFile => {
  const names = Object.keys(made);
  const indexOf = (name: string): number => names.indexOf(name) + 1;
  const file: number[] = [];
  const sections: Section[] = [];
  const add = (name: string, sectionType: number, bytes: readonly number[], more: Partial<Section> = {}) => {
    sections.push({
      index: sections.length,
      name,
      type: sectionType,
      flags: 0,
      address: 0n,
      offset: file.length,
      size: bytes.length,
      link: 0,
      info: 0,
      entrySize: 0,
      ...more,
    });
    // Not spread: a test's table may have more bytes than a call can have arguments.
    for (const byte of bytes) file.push(byte);
  };
  add('', SHT.NULL, []);
  for (const [name, { bytes, address = 0n, size }] of Object.entries(made)) {
    add(name, size === undefined ? SHT.PROGBITS : SHT.NOBITS, bytes, {
      address,
      flags: address === 0n ? 0 : 2,
      ...(size === undefined ? {} : { size }),
    });
  }
  for (const [name, { relocations = [] }] of Object.entries(made)) {
    if (relocations.length === 0) continue;
    const entries = relocations.flatMap(({ offset, type: relocationType, to, addend }) =>
      bytesOf(u64(offset), u32(relocationType), u32(indexOf(to)), u64(BigInt.asUintN(64, BigInt(addend)))),
    );
    add(`.rela${name}`, SHT.RELA, entries, { info: indexOf(name), entrySize: 24 });
  }
  // Symbol n is the section symbol of section n, with value 0.
  const symbols = [0, ...names.map((name) => indexOf(name))].flatMap((index) =>
    bytesOf(u32(0), 3, 0, u16(index), u64(0), u64(0)),
  );
  add('.strtab', SHT.STRTAB, [0]);
  add('.symtab', SHT.SYMTAB, symbols, { entrySize: 24, link: sections.length - 1 });
  return new ObjectFile(memorySource('made.o', Uint8Array.from(file)), type, sections);
};

export const makeSections = (made: Readonly<Record<string, MadeSection>>, type?: number): DebugSections =>
  new DebugSections(makeObject(made, type));

/** Asserts that a FormatError is thrown, with this section, offset or sentence. */
export const throwsDamage = (
  t: Test,
  read: () => unknown,
  expected: {
    readonly section?: string;
    readonly offset?: number;
    readonly sentence?: string | RegExp;
  },
): void => {
  try {
    read();
    t.fail('nothing was thrown');
  } catch (error) {
    t.ok(error instanceof FormatError);
    t.match(error, expected);
  }
};
