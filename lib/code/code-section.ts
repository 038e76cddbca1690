// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One section of code as the walk reads it: words and relocations, those of the
// host a page at a time when first needed. Host sections of a vmlinux.o are large, and only a few
// of their functions are looked at.

import { decodeBranch } from '../aarch64/instructions.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import { SHT } from '../elf/vocabulary.js';
import { type CodeMap, codeMapOf } from './code-map.js';
import type { Extent } from './code-range.js';
import { beginsFunction, type Functions, functionsOf } from './functions.js';
import { type Runs, runsOf } from './mapping-symbols.js';
import { type Relocations, relocationsOf } from './relocations.js';
import { isHypSection } from './sections.js';
import { WordSet } from './word-set.js';

/** Bytes. */
const PAGE = 65536;

/** A host section of at most so many bytes has a byte for each word, as all hyp code has: it is asked about again and again. */
const SMALL = 1 << 24;

const IS_CODE = 1;
const IS_ENTRY = 2;
const IS_PATCHED = 4;

/** Functions of the host that are looked for one by one, before all are put in order: hyp code calls a few. */
const FEW = 64;

/** What is known of a word's joint; 0: its function was not looked at. */
const NO_JOINT = 1;
const JOINT = 2;

const noTraits = new Uint8Array(0);

export class CodeSection {
  readonly object: ObjectFile;
  readonly section: Section;
  readonly isHyp: boolean;
  /** Of hyp code, which others read too. */
  #whole: CodeMap | undefined;
  readonly #pages = new Map<number, Uint32Array>();
  /** Per word: whether control may arrive from two places. */
  #joints: Uint8Array | undefined;
  /** Per word, IS_CODE, IS_ENTRY and, of hyp code, IS_PATCHED; null in a large section. */
  #traits: Uint8Array | null | undefined;
  /** How often it was asked for entries before they were marked; null: they are. */
  #asked: number | null = 0;

  constructor(object: ObjectFile, section: Section) {
    this.object = object;
    this.section = section;
    this.isHyp = isHypSection(section);
  }

  // Found when asked for: of most sections of the host that code refers to, nothing but the name matters.
  get functions(): Functions {
    return functionsOf(this.object, this.section);
  }

  get runs(): Runs {
    return runsOf(this.object, this.section);
  }

  get relocations(): Relocations {
    return relocationsOf(this.object, this.section);
  }

  /** The word at an offset that is a multiple of 4; 0 (UDF) outside the section. */
  word(offset: number): number {
    if (offset < 0 || offset + 4 > this.section.size || this.section.type === SHT.NOBITS) return 0;
    if (this.isHyp) {
      this.#whole ??= codeMapOf(this.object, this.section);
      return this.#whole.word(offset);
    }
    const number = Math.floor(offset / PAGE);
    let page = this.#pages.get(number);
    if (!page) {
      const start = number * PAGE;
      page = wordsOf(
        this.object.read(this.section, start, Math.min(PAGE, this.object.sizeOf(this.section) - start)),
      );
      this.#pages.set(number, page);
    }
    return page[(offset % PAGE) >>> 2] ?? 0;
  }

  isCode(offset: number): boolean {
    const traits = this.#traitsOnce();
    if (!traits) return this.runs.isCode(offset);
    return offset % 4 === 0 && ((traits[this.#wordAt(offset)] ?? 0) & IS_CODE) !== 0;
  }

  /** A symbol stands here. */
  isEntry(offset: number): boolean {
    const traits = this.#traitsOnce();
    if (!traits || offset % 4 !== 0) return this.functions.isEntry(offset);
    if (this.#asked !== null) {
      if (!this.isHyp && this.#asked++ < FEW) return beginsFunction(this.object, this.section, offset);
      this.#asked = null;
      this.#markEntries(traits);
    }
    return ((traits[this.#wordAt(offset)] ?? 0) & IS_ENTRY) !== 0;
  }

  /** The relocation of a word, or null. */
  relocationAt(offset: number): Relocation | null {
    // Of hyp code, in which most words are asked about, and most have none.
    const traits = this.isHyp && offset % 4 === 0 ? this.#traitsOnce() : null;
    if (traits && ((traits[this.#wordAt(offset)] ?? 0) & IS_PATCHED) === 0) return null;
    return this.relocations.at(offset);
  }

  /** The words of hyp code that no relocation completes and for which a test of the word holds. */
  unpatchedWords(holds: (word: number) => boolean): WordSet {
    const traits = (this.isHyp ? this.#traitsOnce() : null) ?? noTraits;
    const found = new WordSet(traits.length * 4);
    for (let index = 0; index < traits.length; index++)
      if (((traits[index] as number) & (IS_CODE | IS_PATCHED)) === IS_CODE && holds(this.word(index * 4)))
        found.add(index);
    return found;
  }

  /** Its index; -1 outside the section: a shift alone would take 2 ** 32 for 0. */
  #wordAt(offset: number): number {
    return offset >= 0 && offset < this.section.size ? offset >>> 2 : -1;
  }

  #traitsOnce(): Uint8Array | null {
    if (this.#traits !== undefined) return this.#traits;
    const { size } = this.section;
    // Whatever a damaged header says of the section, its code is in the file.
    const isKept = size <= SMALL || (this.isHyp && size <= this.object.size);
    const traits = !isKept ? null : new Uint8Array(Math.ceil(size / 4)).fill(IS_CODE);
    if (traits) {
      for (const { start, end } of this.runs.data()) traits.fill(0, Math.ceil(start / 4), Math.ceil(end / 4));
      if (this.isHyp) this.#markPatched(traits);
    }
    this.#traits = traits;
    return traits;
  }

  #markEntries(traits: Uint8Array): void {
    for (const offset of this.functions.entries)
      if (offset % 4 === 0) traits[offset >>> 2] = (traits[offset >>> 2] ?? 0) | IS_ENTRY;
  }

  #markPatched(traits: Uint8Array): void {
    for (const table of this.relocations.all())
      for (let index = 0; index < table.count; index++) {
        const word = this.#wordAt(table.offset(index));
        if (word >= 0) traits[word] = (traits[word] ?? 0) | IS_PATCHED;
      }
  }

  /** A direct branch (not a call) of the same function goes here, so control may arrive from two places. */
  isJoint(offset: number): boolean {
    this.#joints ??= new Uint8Array(Math.ceil(Math.min(this.section.size, this.object.size) / 4));
    const word = this.#wordAt(offset);
    if (this.#joints[word] === 0) {
      this.#findJoints(this.#joints, this.functions.extentAt(offset));
      this.#joints[word] ||= NO_JOINT;
    }
    return this.#joints[word] === JOINT;
  }

  #findJoints(joints: Uint8Array, { start, end }: Extent): void {
    for (let word = start >>> 2; word < end / 4; word++) joints[word] ||= NO_JOINT;
    for (let offset = start; offset < end; offset += 4) {
      const branch = decodeBranch(this.word(offset));
      if (branch?.kind !== 'jump' && branch?.kind !== 'conditional') continue;
      const target = offset + (branch.displacement ?? 0);
      if (target >= start && target < end) joints[target >>> 2] = JOINT;
    }
  }
}
