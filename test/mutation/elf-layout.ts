// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Finds the parts of an ELF file, sharing no code with lib/: where to damage a
// well-formed file, and what a damaged one still contains. Every value is checked: what
// lies outside the file is null.

export interface Header {
  readonly index: number;
  /** Where the header is. */
  readonly at: number;
  /** null if it is not in the string table. */
  readonly name: string | null;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

export const TYPES = {
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  NOBITS: 8,
  REL: 9,
  SHNDX: 18,
  CREL: 0x40000014,
} as const;
export const FLAGS = { WRITE: 1, ALLOC: 2, EXEC: 4, COMPRESSED: 0x800 } as const;

export const EHDR_SIZE = 64;
export const SHDR_SIZE = 64;
export const SYMBOL_SIZE = 24;
export const RELA_SIZE = 24;

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** A NUL-terminated string in the file; null if it begins outside its table or does not end in it. */
const textAt = (bytes: Uint8Array, table: Pick<Header, 'offset' | 'size'>, at: number): string | null => {
  if (table.offset + table.size > bytes.length || at >= table.size) return null;
  const end = bytes.indexOf(0, table.offset + at);
  if (end < 0 || end >= table.offset + table.size) return null;
  return Buffer.from(bytes.subarray(table.offset + at, end)).toString('latin1');
};

/** The section headers; null if they cannot be read. No support for extended numbering, which no sample uses. */
export const headersOf = (bytes: Uint8Array): readonly Header[] | null => {
  if (bytes.length < EHDR_SIZE) return null;
  const view = viewOf(bytes);
  if (view.getUint32(0, false) !== 0x7f454c46) return null;
  const start = Number(view.getBigUint64(40, true));
  const [size, count, names] = [58, 60, 62].map((at) => view.getUint16(at, true)) as [number, number, number];
  if (size !== SHDR_SIZE || count === 0 || !(start + count * size <= bytes.length)) return null;
  const raw = Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const wide = (offset: number) => Number(view.getBigUint64(at + offset, true));
    return {
      ...{ index, at, nameAt: view.getUint32(at, true), type: view.getUint32(at + 4, true) },
      ...{ flags: wide(8), offset: wide(24), size: wide(32), entrySize: wide(56) },
      ...{ link: view.getUint32(at + 40, true), info: view.getUint32(at + 44, true) },
    };
  });
  const table = raw[names];
  return raw.map(({ nameAt, ...one }) => ({ ...one, name: table ? textAt(bytes, table, nameAt) : null }));
};

export interface SymbolEntry {
  readonly index: number;
  readonly name: string | null;
  readonly info: number;
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

/** The symbols of the first symbol table; null if there is none that can be read. */
export const symbolsOf = (bytes: Uint8Array, headers: readonly Header[]): readonly SymbolEntry[] | null => {
  const table = headers.find(({ type }) => type === TYPES.SYMTAB);
  const strings = table && headers[table.link];
  if (!table || strings?.type !== TYPES.STRTAB || !(table.offset + table.size <= bytes.length)) return null;
  if (table.size % SYMBOL_SIZE !== 0) return null;
  const view = viewOf(bytes);
  return Array.from({ length: table.size / SYMBOL_SIZE }, (_, index) => {
    const at = table.offset + index * SYMBOL_SIZE;
    const nameAt = view.getUint32(at, true);
    return {
      index,
      name: nameAt === 0 ? '' : textAt(bytes, strings, nameAt),
      info: view.getUint8(at + 4),
      section: view.getUint16(at + 6, true),
      value: Number(view.getBigUint64(at + 8, true)),
      size: Number(view.getBigUint64(at + 16, true)),
    };
  });
};

export interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  readonly addend: bigint;
}

/** The entries of a table of SHT_RELA or SHT_REL; null if it lies outside the file or ends within an entry. */
export const relocationsOf = (bytes: Uint8Array, table: Header): readonly Relocation[] | null => {
  const size = table.type === TYPES.RELA ? RELA_SIZE : 16;
  if (!(table.offset + table.size <= bytes.length) || table.size % size !== 0) return null;
  const view = viewOf(bytes);
  return Array.from({ length: table.size / size }, (_, index) => {
    const at = table.offset + index * size;
    return {
      offset: Number(view.getBigUint64(at, true)),
      type: view.getUint32(at + 8, true),
      symbol: view.getUint32(at + 12, true),
      addend: table.type === TYPES.RELA ? view.getBigInt64(at + 16, true) : 0n,
    };
  });
};
