// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An object with other sections, symbols and contents than its file has; what is
// not given is the file's.

import { ObjectFile, type Section } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';

export interface Rewriting {
  readonly sections: readonly Section[];
  readonly symbols: SymbolTable;
  /** By index of the section. */
  readonly contents: ReadonlyMap<number, Uint8Array>;
}

export class RewrittenObject extends ObjectFile {
  readonly #file: ObjectFile;
  readonly #symbols: SymbolTable;
  readonly #contents: ReadonlyMap<number, Uint8Array>;

  constructor(file: ObjectFile, { sections, symbols, contents }: Rewriting) {
    super(file.source, file.type, sections);
    this.#file = file.asWritten;
    this.#symbols = symbols;
    this.#contents = contents;
  }

  override get symbols(): SymbolTable {
    return this.#symbols;
  }

  override get globals(): SymbolTable {
    return this.#symbols;
  }

  override get asWritten(): ObjectFile {
    return this.#file;
  }

  /** They were read when they were rewritten. */
  override requireSymbols(): void {}

  override read(
    section: Section,
    offset: number,
    length: number,
    into?: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const contents = this.#contents.get(section.index);
    if (!contents) return super.read(section, offset, length, into);
    return new Uint8Array(contents.subarray(offset, offset + length));
  }
}
