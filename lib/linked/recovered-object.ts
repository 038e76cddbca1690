// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A rewritten object whose relocations are made: of a section those that somebody
// finds out, when they are first asked for.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { type Relocation, RelocationTable } from '../elf/relocations.js';
import { tableOf } from './entries.js';
import { type Rewriting, RewrittenObject } from './rewritten-object.js';

export type Recover = (object: ObjectFile, section: Section) => readonly Relocation[];

const none = new RelocationTable(new Uint32Array(0));

export class RecoveredObject extends RewrittenObject {
  readonly #file: ObjectFile;
  readonly #rewriting: Rewriting;
  readonly #recover: Recover;
  readonly #tables = new Map<number, RelocationTable>();

  constructor(file: ObjectFile, rewriting: Rewriting, recover: Recover) {
    super(file, rewriting);
    this.#file = file;
    this.#rewriting = rewriting;
    this.#recover = recover;
  }

  /** The same with other contents of one section. */
  withContents({ index }: Section, bytes: Uint8Array): RecoveredObject {
    const contents = new Map(this.#rewriting.contents).set(index, bytes);
    return new RecoveredObject(this.#file, { ...this.#rewriting, contents }, this.#recover);
  }

  override relocationCount(rela: Section): number {
    return this.relocations(rela).count;
  }

  override relocations(rela: Section): RelocationTable {
    const known = this.#tables.get(rela.index);
    if (known) return known;
    const section = this.sections[rela.info];
    const entries = section ? this.#recover(this, section) : [];
    const table = entries.length === 0 ? none : tableOf(entries);
    this.#tables.set(rela.index, table);
    return table;
  }

  override relocationRange(rela: Section, first: number, count: number): RelocationTable {
    return this.relocations(rela).range(first, count);
  }

  override *relocationChunks(rela: Section): Generator<RelocationTable> {
    yield this.relocations(rela);
  }
}
