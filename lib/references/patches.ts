// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The relocations that patch a section, or parts of it, as they are in the file:
// read, and held against what they patch. What a damaged or unknown one means is
// not guessed.

import { dataWidth, fitsInstruction, patchesInstruction } from '../aarch64/relocated-instructions.js';
import { relocationName, relocationTypes } from '../aarch64/relocation-types.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import { type CodeRange, extentsOf } from '../code/code-range.js';
import { relocationsOf } from '../code/relocations.js';
import { WordSet } from '../code/word-set.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsAddends, type Relocation, type RelocationTable } from '../elf/relocations.js';
import { SHT } from '../elf/vocabulary.js';

/** Of r_offset behind the end: nothing is there that could be shown. */
export const OUTSIDE = 'a relocation lies outside its section';

export class Patches {
  /** Names of the tables that were not read: without addends, which no tool writes for arm64. */
  readonly unreadable: readonly string[];
  readonly #object: ObjectFile;
  readonly #section: Section;
  readonly #isCode: boolean;
  /** Instructions that a relocation marks as the second half of an address. */
  readonly #pageOffsets: WordSet;

  /** `isCode`: the section holds instructions. */
  constructor(object: ObjectFile, section: Section, isCode: boolean) {
    this.#object = object;
    this.#section = section;
    this.#isCode = isCode;
    const sections = object.relocationSections(section);
    this.unreadable = sections.filter(({ type }) => type === SHT.REL).map(({ name }) => name);
    // Whatever a damaged header says of the section, its code is in the file.
    this.#pageOffsets = new WordSet(Math.min(section.size, object.size));
  }

  /** Those of parts of the section, or of all of it (null). They are large, and not kept here. */
  read(within: readonly CodeRange[] | null): readonly RelocationTable[] {
    const tables = within ? this.#tablesOf(within) : this.#allTables();
    for (const table of tables) this.#markPageOffsets(table);
    return tables;
  }

  /** Why a relocation cannot be judged, a sentence; null if it can, and its type is a known one. */
  faultOf({ offset, type, symbol }: Relocation): string | null {
    if (offset >= this.#section.size) return OUTSIDE;
    if (!relocationTypes.has(type)) return `unknown relocation type ${type}`;
    if (symbol >= this.#object.symbols.count)
      return `${relocationName(type)} of symbol ${symbol}, which is none`;
    if (!this.#fits(offset, type)) return `${relocationName(type)} does not fit what it patches`;
    return null;
  }

  /** Whether a relocation that was read marks the instruction at an offset as the second half of an address. */
  readonly isPageOffset = (offset: number): boolean => this.#pageOffsets.has(offset >>> 2);

  #allTables(): readonly RelocationTable[] {
    const sections = this.#object.relocationSections(this.#section);
    return sections.filter(holdsAddends).map((rela) => this.#object.relocations(rela));
  }

  /** Of parts of a section that may be large, what patches them, and what lies outside the section. */
  #tablesOf(within: readonly CodeRange[]): readonly RelocationTable[] {
    const relocations = relocationsOf(this.#object, this.#section);
    return [...extentsOf(within), { start: this.#section.size, end: Number.POSITIVE_INFINITY }].map(
      ({ start, end }) => relocations.between(start, end),
    );
  }

  #markPageOffsets(table: RelocationTable): void {
    for (let index = 0; index < table.count; index++) {
      const kind = relocationTypes.get(table.type(index))?.kind;
      if (kind !== 'page-offset' && kind !== 'got-load') continue;
      const half = table.entry(index);
      if (this.faultOf(half) === null) this.#pageOffsets.add(half.offset >>> 2);
    }
  }

  /** Where a data relocation applies, assemblers leave 0; anything else there is an instruction that was not meant. */
  #fits(offset: number, type: number): boolean {
    if (patchesInstruction(type)) return offset % 4 === 0 && fitsInstruction(type, this.#map.word(offset));
    const width = dataWidth(type);
    if (width === null || !this.#isCode || !this.#map.isCode(offset & ~3)) return true;
    return this.#map.word(offset) === 0 && (width < 8 || this.#map.word(offset + 4) === 0);
  }

  /** Looked up late: data has none, and needs none. */
  get #map(): CodeMap {
    return codeMapOf(this.#object, this.#section);
  }
}
