// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One ELF file, read lazily: the header and the section headers at once; the symbol
// table, relocations and contents when somebody asks for them.

import { type ByteSource, readExactly, wordsOf } from './byte-source.js';
import { decompress, decompressGnu, UnpackAllowance } from './compressed-section.js';
import { CrelTable } from './crel.js';
import { readFileHeader } from './file-header.js';
import { FormatError } from './format-error.js';
import { RelocationSections } from './relocation-sections.js';
import { holdsAddends, RELA_SIZE, RelocationTable } from './relocations.js';
import { readSectionHeaders, type Section } from './section-headers.js';
import { readSymbolParts } from './symbol-parts.js';
import { SymbolTable } from './symbols.js';
import { SHF, SHT } from './vocabulary.js';

export type { Section } from './section-headers.js';

/** Host relocations are read this many bytes at a time; a multiple of RELA_SIZE. */
const CHUNK_SIZE = RELA_SIZE * 4096;

/** Where the sections of a linked image are, from its lowest address. */
export interface ImagePlaces {
  startOf(section: Section): number;
  /** The section that has an address, or the one before it; null before the first. */
  spotNear(at: number): { readonly section: Section; readonly offset: number } | null;
}

/** Relocations of some sections, one behind the other. */
export interface RelocationPiece {
  readonly table: RelocationTable;
  /** They are whole, but for one alone, which may be part of its section. */
  readonly relas: readonly Section[];
}

export class ObjectFile {
  /** As messages show it. */
  readonly path: string;
  /** e_type. */
  readonly type: number;
  readonly sections: readonly Section[];
  /** Where its bytes come from. */
  readonly source: ByteSource;
  readonly #allowance: UnpackAllowance;
  #symbols: SymbolTable | undefined;
  #globals: SymbolTable | undefined;
  #relocationSections: RelocationSections | undefined;
  readonly #crel = new Map<number, CrelTable>();
  readonly #unpacked = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(
    source: ByteSource,
    type: number,
    sections: readonly Section[],
    allowance = new UnpackAllowance(),
  ) {
    this.path = source.path;
    this.type = type;
    this.sections = sections;
    this.source = source;
    this.#allowance = allowance;
  }

  /** Of a linked image; null: nobody knows yet where its sections will be. */
  get places(): ImagePlaces | null {
    return null;
  }

  /** The object as the file has it, where this one was made from it. */
  get asWritten(): ObjectFile {
    return this;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.source.size;
  }

  /** The first section with a name. */
  named(name: string): Section | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** Bytes of a section when loaded: after decompression, 0 for SHT_NOBITS. */
  sizeOf(section: Section): number {
    return this.#isPacked(section)
      ? this.#unpack(section).length
      : section.type === SHT.NOBITS
        ? 0
        : section.size;
  }

  /** Part of a section's contents, decompressed if need be. Throws FormatError if the section is shorter. */
  read(
    section: Section,
    offset: number,
    length: number,
    into?: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const size = this.sizeOf(section);
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw new FormatError(
        this.path,
        section.name,
        offset,
        `${length} bytes are needed here, the section has ${size}`,
      );
    }
    if (this.#isPacked(section)) return this.#unpack(section).slice(offset, offset + length);
    return readExactly(this.source, section.offset + offset, length, `section '${section.name}'`, into);
  }

  /** A section's whole contents; not cached. */
  contents(section: Section): Uint8Array<ArrayBuffer> {
    return this.read(section, 0, this.sizeOf(section));
  }

  /** The symbol table; an empty one in a stripped file. */
  get symbols(): SymbolTable {
    this.#symbols ??= this.#readSymbols(false);
    return this.#symbols;
  }

  /** Reads the symbol table now (or globals), so that a bad one is found before anything depends on the object. */
  requireSymbols(areGlobal: boolean): void {
    void (areGlobal ? this.globals : this.symbols);
  }

  /**
   * The same with nothing but zeros for local symbols: an eighth is read of a kernel's table, where only what other objects
   * may name counts.
   */
  get globals(): SymbolTable {
    this.#globals ??= this.#symbols ?? this.#readSymbols(true);
    return this.#globals;
  }

  /** The RELA, CREL and REL sections that patch a section (sh_info names it), in file order. */
  relocationSections(section: Section): readonly Section[] {
    this.#relocationSections ??= new RelocationSections(this.sections);
    return this.#relocationSections.of(section);
  }

  /** How many relocations a RELA or CREL section has. */
  relocationCount(rela: Section): number {
    this.#checkReadable(rela);
    return this.#crelOf(rela)?.count ?? this.sizeOf(rela) / RELA_SIZE;
  }

  /** All of a RELA or CREL section. */
  relocations(rela: Section): RelocationTable {
    this.#checkReadable(rela);
    const crel = this.#crelOf(rela);
    return crel ? crel.range(0, crel.count) : new RelocationTable(wordsOf(this.contents(rela)));
  }

  /** Entries first .. first + count of a RELA or CREL section. */
  relocationRange(rela: Section, first: number, count: number): RelocationTable {
    this.#checkReadable(rela);
    return (
      this.#crelOf(rela)?.range(first, count) ??
      new RelocationTable(wordsOf(this.read(rela, first * RELA_SIZE, count * RELA_SIZE)))
    );
  }

  /**
   * A RELA or CREL section in pieces, for tables too large to hold. All pieces of one section use the same memory: each is
   * valid until the next one is asked for.
   */
  *relocationChunks(rela: Section): Generator<RelocationTable> {
    this.#checkReadable(rela);
    const crel = this.#crelOf(rela);
    if (crel) {
      yield* crel.chunks();
      return;
    }
    const size = this.sizeOf(rela);
    const buffer = new Uint8Array(Math.min(CHUNK_SIZE, size));
    for (let at = 0; at < size; at += CHUNK_SIZE) {
      yield new RelocationTable(wordsOf(this.read(rela, at, Math.min(CHUNK_SIZE, size - at), buffer)));
    }
  }

  /**
   * Several RELA or CREL sections in pieces, as relocationChunks() has them of one; but sections that stand one behind the
   * other in the file are one piece: a kernel has thousands of a few entries each.
   */
  *relocationPieces(relas: readonly Section[]): Generator<RelocationPiece> {
    const buffer = new Uint8Array(CHUNK_SIZE);
    for (let first = 0; first < relas.length; ) {
      const rela = relas[first] as Section;
      const end = this.#endOfRun(relas, first);
      const last = relas[end - 1];
      if (!last) for (const table of this.relocationChunks(rela)) yield { table, relas: [rela] };
      else {
        const size = last.offset + last.size - rela.offset;
        const bytes = readExactly(this.source, rela.offset, size, `section '${rela.name}'`, buffer);
        yield { table: new RelocationTable(wordsOf(bytes)), relas: relas.slice(first, end) };
      }
      first = Math.max(end, first + 1);
    }
  }

  /** Behind the last of the sections from `first` on that are one piece, as the file has them; 0: the first is none by itself. */
  #endOfRun(relas: readonly Section[], first: number): number {
    if (this.asWritten !== this) return 0;
    const { offset } = relas[first] as Section;
    let at = offset;
    let end = first;
    for (; end < relas.length; end++) {
      const rela = relas[end] as Section;
      const isPlain = rela.type === SHT.RELA && rela.entrySize === RELA_SIZE && rela.size % RELA_SIZE === 0;
      if (!isPlain || rela.offset !== at || this.#isPacked(rela)) break;
      if (at + rela.size - offset > CHUNK_SIZE || at + rela.size > this.size) break;
      at += rela.size;
    }
    return end === first ? 0 : end;
  }

  #crelOf(section: Section): CrelTable | null {
    if (section.type !== SHT.CREL) return null;
    const known = this.#crel.get(section.index);
    if (known) return known;
    const table = new CrelTable({
      file: this.path,
      section: section.name,
      size: this.sizeOf(section),
      read: (offset, length) => this.read(section, offset, length),
    });
    this.#crel.set(section.index, table);
    return table;
  }

  #checkReadable(rela: Section): void {
    if (!holdsAddends(rela)) {
      throw new FormatError(
        this.path,
        rela.name,
        0,
        'relocations without addends (SHT_REL), which AArch64 does not use',
      );
    }
    if (rela.type === SHT.RELA && (rela.entrySize !== RELA_SIZE || this.sizeOf(rela) % RELA_SIZE !== 0)) {
      throw new FormatError(
        this.path,
        rela.name,
        0,
        `the section does not consist of relocations of ${RELA_SIZE} bytes`,
      );
    }
  }

  #readSymbols(areGlobal: boolean): SymbolTable {
    const parts = readSymbolParts(this, areGlobal);
    return parts
      ? new SymbolTable(parts.words, parts.names, parts.extended, parts.table.info)
      : new SymbolTable(new Uint32Array(0), Buffer.alloc(0), null);
  }

  #isPacked(section: Section): boolean {
    return (section.flags & SHF.COMPRESSED) !== 0 || section.name.startsWith('.zdebug_');
  }

  #unpack(section: Section): Uint8Array<ArrayBuffer> {
    const known = this.#unpacked.get(section.index);
    if (known) return known;
    if ((section.flags & SHF.ALLOC) !== 0) {
      // [gABI "Section Attribute Flags", SHF_COMPRESSED]
      const sentence = 'the section is loaded and compressed, which cannot be';
      throw new FormatError(this.path, section.name, 0, sentence);
    }
    const packed = readExactly(this.source, section.offset, section.size, `section '${section.name}'`);
    const unpacked =
      (section.flags & SHF.COMPRESSED) !== 0
        ? decompress(this.path, section.name, packed, this.#allowance)
        : decompressGnu(this.path, section.name, packed, this.#allowance);
    this.#unpacked.set(section.index, unpacked);
    return unpacked;
  }
}

/**
 * Reads what every check needs of a file; throws FormatError for what is not an AArch64 ELF64 file. `allowance`: of all
 * the files of a run.
 */
export const readObjectFile = async (
  source: ByteSource,
  allowance = new UnpackAllowance(source.size),
): Promise<ObjectFile> => {
  const header = readFileHeader(source);
  return new ObjectFile(source, header.type, await readSectionHeaders(source, header), allowance);
};
