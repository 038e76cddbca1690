// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One section of code as the walk reads it: words, relocations and where
// functions begin, each read when first needed. Host sections of a vmlinux.o
// are large and only a few of their functions are looked at, so contents are
// read a page at a time and sorted relocations are searched, not copied.

import { mappingKind } from '../aarch64/code-map.js';
import { decodeBranch } from '../aarch64/instructions.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { RelocationTable } from '../elf/relocations.js';
import { SHT, STB, STT } from '../elf/vocabulary.js';

/** Bytes. */
const PAGE = 65536;

export interface PatchedWord {
  readonly type: number;
  readonly symbol: number;
  readonly addend: number;
}

/** start .. end, bytes in the section. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Per word of a function 1 where control may come two ways. */
interface Joints extends Extent {
  readonly words: Uint8Array;
}

/** Where control may enter under a name. */
export interface Entry {
  readonly offset: number;
  readonly isGlobal: boolean;
}

export class CodeSection {
  readonly object: ObjectFile;
  readonly section: Section;
  readonly isHyp: boolean;
  readonly #pages = new Map<number, Uint32Array>();
  #relocations: ((offset: number) => PatchedWord | null) | undefined;
  /** Starts of runs of code and of data, and which they are; sorted. */
  #runs: { readonly starts: readonly number[]; readonly isCode: readonly boolean[] } | undefined;
  #entries: readonly Entry[] | undefined;
  #labels: readonly Entry[] | undefined;
  #entryOffsets: ReadonlySet<number> | undefined;
  #entryStarts: readonly number[] | undefined;
  readonly #joints = new Map<number, Joints>();
  /** Of the function that was asked about last. */
  #nearJoints: Joints | undefined;
  #extents: readonly Extent[] | undefined;
  #extentStarts: readonly number[] | undefined;

  constructor(object: ObjectFile, section: Section, isHyp: boolean) {
    this.object = object;
    this.section = section;
    this.isHyp = isHyp;
  }

  /** The word at an offset that is a multiple of 4; 0 (UDF) outside. */
  word(offset: number): number {
    if (offset < 0 || offset + 4 > this.section.size || this.section.type === SHT.NOBITS) return 0;
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
    if (offset < 0 || offset >= this.section.size || offset % 4 !== 0) return false;
    this.#runs ??= this.#readRuns();
    const index = lastNotAbove(this.#runs.starts, offset);
    return index < 0 || this.#runs.isCode[index] === true;
  }

  /** The run of data around an offset; empty where that is code. */
  dataAt(offset: number): Extent {
    this.#runs ??= this.#readRuns();
    const { starts, isCode } = this.#runs;
    let first = lastNotAbove(starts, offset);
    if (isCode[first] !== false) return { start: offset, end: offset };
    let next = first + 1;
    while (isCode[first - 1] === false) first--;
    while (isCode[next] === false) next++;
    return { start: starts[first] ?? 0, end: starts[next] ?? this.section.size };
  }

  /** The relocation of the word at an offset, or null. */
  relocationAt(offset: number): PatchedWord | null {
    this.#relocations ??= relocationsOf(this.object, this.section);
    return this.#relocations(offset);
  }

  /** Symbols that code stands at, sorted by offset, each offset once. In hyp sections labels of assembly count too. */
  get entries(): readonly Entry[] {
    this.#entries ??= this.#readEntries(this.isHyp);
    return this.#entries;
  }

  isEntry(offset: number): boolean {
    this.#entryOffsets ??= new Set(this.entries.map((entry) => entry.offset));
    return this.#entryOffsets.has(offset);
  }

  /** Where functions and labels of assembly stand inside start .. end (exclusive), start left out. */
  labelsIn(start: number, end: number): readonly number[] {
    this.#labels ??= this.isHyp ? this.entries : this.#readEntries(true);
    const found: number[] = [];
    for (const { offset } of this.#labels) if (offset > start && offset < end) found.push(offset);
    return found;
  }

  /** A direct branch of the same function goes here (calls left out), so that control may come two ways. */
  isJoint(offset: number): boolean {
    let near = this.#nearJoints;
    if (!near || offset < near.start || offset >= near.end) {
      const extent = this.extentAt(offset);
      near = this.#joints.get(extent.start) ?? this.#findJoints(extent);
      this.#joints.set(extent.start, near);
      this.#nearJoints = near;
    }
    return near.words[(offset - near.start) >>> 2] === 1;
  }

  /**
   * The function around an offset: that of the sized symbol which covers it, else from the label before to the label
   * behind. Without any symbol, the section.
   */
  extentAt(offset: number): Extent {
    this.#extents ??= this.#readExtents();
    this.#extentStarts ??= this.#extents.map(({ start }) => start);
    const index = lastNotAbove(this.#extentStarts, offset);
    // Functions overlap where one has several entries: the outermost is asked for.
    let found: Extent | null = null;
    for (let at = index; at >= 0 && at > index - 8; at--) {
      const extent = this.#extents[at];
      if (extent && offset < extent.end) found = extent;
    }
    if (found) return found;
    this.#entryStarts ??= this.entries.map((entry) => entry.offset);
    const before = lastNotAbove(this.#entryStarts, offset);
    return {
      start: this.#entryStarts[before] ?? 0,
      end: this.#entryStarts[before + 1] ?? this.section.size,
    };
  }

  /** A symbol of type STT_FUNC with a size begins here. */
  isFunctionStart(offset: number): boolean {
    this.#extents ??= this.#readExtents();
    this.#extentStarts ??= this.#extents.map(({ start }) => start);
    return this.#extentStarts[lastNotAbove(this.#extentStarts, offset)] === offset;
  }

  #findJoints({ start, end }: Extent): Joints {
    const words = new Uint8Array(Math.max(0, Math.ceil((end - start) / 4)));
    for (let offset = start; offset < end; offset += 4) {
      const branch = decodeBranch(this.word(offset));
      if (branch?.kind !== 'jump' && branch?.kind !== 'conditional') continue;
      const target = offset + (branch.displacement ?? 0);
      if (target >= start && target < end) words[(target - start) >>> 2] = 1;
    }
    return { start, end, words };
  }

  #readExtents(): readonly Extent[] {
    const { symbols } = this.object;
    return symbols
      .inSection(this.section.index)
      .filter((symbol) => symbols.type(symbol) === STT.FUNC && symbols.size(symbol) > 0)
      .map((symbol) => ({
        start: symbols.value(symbol),
        // A damaged size reaches beyond the section.
        end: Math.min(symbols.value(symbol) + symbols.size(symbol), this.section.size),
      }))
      .filter(({ start, end }) => start < end);
  }

  #readEntries(withLabels: boolean): readonly Entry[] {
    const { symbols } = this.object;
    const found: Entry[] = [];
    for (const symbol of symbols.inSection(this.section.index)) {
      const type = symbols.type(symbol);
      const counts = type === STT.FUNC || (withLabels && type === STT.NOTYPE);
      const offset = symbols.value(symbol);
      if (!counts || !this.isCode(offset)) continue;
      if (type === STT.NOTYPE) {
        const name = symbols.name(symbol);
        if (name === '' || name.startsWith('.L') || mappingKind(name) !== null) continue;
      }
      const isGlobal = symbols.binding(symbol) !== STB.LOCAL;
      const last = found.at(-1);
      if (last?.offset === offset) found[found.length - 1] = { offset, isGlobal: isGlobal || last.isGlobal };
      else found.push({ offset, isGlobal });
    }
    return found;
  }

  #readRuns(): { readonly starts: readonly number[]; readonly isCode: readonly boolean[] } {
    const { symbols } = this.object;
    const starts: number[] = [];
    const isCode: boolean[] = [];
    for (const symbol of symbols.inSection(this.section.index)) {
      if (symbols.type(symbol) !== STT.NOTYPE) continue;
      const kind = mappingKind(symbols.name(symbol));
      if (kind === null) continue;
      const start = symbols.value(symbol);
      // Of two at one offset the later one in the table describes what follows.
      if (starts.at(-1) === start) isCode[isCode.length - 1] = kind === 'x';
      else {
        starts.push(start);
        isCode.push(kind === 'x');
      }
    }
    return { starts, isCode };
  }
}

/** The relocation at an offset of a section, or null. */
export const relocationsOf = (
  object: ObjectFile,
  section: Section,
): ((offset: number) => PatchedWord | null) => {
  const tables = object
    .relocationSections(section)
    .filter(({ type }) => type === SHT.RELA)
    .map((rela) => object.relocations(rela));
  if (tables.every((table) => table.isSorted())) {
    return (offset) => {
      for (const table of tables) {
        const index = table.lowerBound(offset);
        if (index < table.count && table.offset(index) === offset) return patchedWord(table, index);
      }
      return null;
    };
  }
  const all = new Map<number, PatchedWord>();
  for (const table of tables) {
    for (let index = 0; index < table.count; index++) all.set(table.offset(index), patchedWord(table, index));
  }
  return (offset) => all.get(offset) ?? null;
};

const patchedWord = (table: RelocationTable, index: number): PatchedWord => ({
  type: table.type(index),
  symbol: table.symbol(index),
  addend: table.addend(index),
});

/** Index of the last number that is not above a limit; -1 where all are. */
export const lastNotAbove = (sorted: readonly number[], limit: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
