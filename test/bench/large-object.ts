// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Makes a vmlinux.o of the size of an arm64 defconfig with DWARF 5 (1.17 GB, 250,000
// symbols, 475 MB of .rela.debug_info, 20 MB of relocations of allocated sections) from
// a small kernel's: .text, its tables and the debug sections are repeated many times,
// each copy with its own relocations and symbols. There are no holes and no filler
// bytes: a reader finds units, lines and instructions everywhere.
//
// Hyp sections are not copied. Where a copy of debug information describes an executable
// section other than .text (hyp and init code), it is changed to describe its own copy of
// .text, so that every address of hyp code still has one unit. ELF requires local
// symbols first, so the local copies move the global symbols, and every relocation of
// the file is renumbered.

import { closeSync, openSync, writeSync } from 'node:fs';
import {
  EHDR_SIZE,
  type ElfImage,
  readBytes,
  readElfImage,
  type SectionHeader,
  SHDR_SIZE,
  SHF_EXECINSTR,
  SHT_NOBITS,
  SHT_RELA,
  SHT_SYMTAB,
  sectionNamed,
  WORDS,
  wordsOf,
} from './elf-image.js';

const RELA_DEBUG_INFO_SIZE = 475e6;
const RELA_TEXT_SIZE = 20e6;
const SYMBOLS = 250_000;

const textSections = ['.text', '__jump_table', '.altinstructions', '__ex_table', '__bug_table'];
const debugSections = ['info', 'line', 'aranges', 'rnglists', 'loclists', 'frame'].map(
  (name) => `.debug_${name}`,
);

const STT_SECTION = 3;
/** sh_info in a section header. */
const SH_INFO = 44;

/** What rewriting a relocation for a copy needs to know about the original's symbols. */
interface Symbols {
  readonly count: number;
  /** sh_info of .symtab. */
  readonly firstGlobal: number;
  /** Per symbol: its index among the local or the global symbols of .text, or -1. */
  readonly textPlace: Int32Array;
  readonly textLocals: number;
  readonly textGlobals: number;
  /** Per symbol: for a section symbol the index of its section plus 1, else 0. */
  readonly marks: Uint16Array;
  readonly textMark: number;
}

interface Plan {
  readonly image: ElfImage;
  /** How many times each section and its relocations are in the large file. */
  readonly copies: readonly number[];
  /** The number of copies of .text's symbols, including the originals. */
  readonly symbolCopies: number;
  readonly symbols: Symbols;
}

/** Reads the object at `from`, writes the large one to `to`. */
export const writeLargeObject = (from: string, to: string): void => {
  const input = openSync(from, 'r');
  const output = openSync(to, 'w');
  try {
    const image = readElfImage(input);
    const table = sectionNamed(image, '.symtab');
    const words = wordsOf(readBytes(input, table.offset, table.size));
    const plan = planOf(image, table, words);
    const writer = new Writer(output, image);
    writer.setInfo(table, plan.symbols.firstGlobal + addedLocals(plan));
    const contents = contentsOf(input, plan, table, words);
    // In the order of the original file, as a linker would write it.
    for (const section of [...image.sections].sort((a, b) => a.offset - b.offset)) {
      writer.section(section, contents(section));
    }
    writer.finish();
  } finally {
    closeSync(input);
    closeSync(output);
  }
};

const planOf = (image: ElfImage, table: SectionHeader, symbolWords: Uint32Array): Plan => {
  const text = sectionNamed(image, '.text');
  const times = (rela: string, size: number) => Math.ceil(size / sectionNamed(image, rela).size);
  const textCopies = times('.rela.text', RELA_TEXT_SIZE);
  const debugCopies = Math.min(textCopies, times('.rela.debug_info', RELA_DEBUG_INFO_SIZE));
  const copiesOf = ({ name }: SectionHeader): number => {
    if (textSections.includes(name)) return textCopies;
    return debugSections.includes(name) ? debugCopies : 1;
  };
  const copies = image.sections.map((section) => {
    const target = image.sections[section.info];
    return copiesOf(section.type === SHT_RELA && target ? target : section);
  });

  const count = symbolWords.length / WORDS;
  const firstGlobal = table.info;
  const textPlace = new Int32Array(count).fill(-1);
  const marks = new Uint16Array(count);
  let textLocals = 0;
  let textGlobals = 0;
  for (let symbol = 1; symbol < count; symbol++) {
    const info = symbolWords[symbol * WORDS + 1] ?? 0;
    if ((info & 0xf) === STT_SECTION) marks[symbol] = (info >>> 16) + 1;
    else if (info >>> 16 === text.index)
      textPlace[symbol] = symbol < firstGlobal ? textLocals++ : textGlobals++;
  }
  const textMark = marks.indexOf(text.index + 1);
  if (textMark < 0) throw new Error('.text has no section symbol');
  const more = Math.max(0, Math.round((SYMBOLS - count) / (textLocals + textGlobals)));
  const symbols = { count, firstGlobal, textPlace, textLocals, textGlobals, marks, textMark };
  return { image, copies, symbolCopies: Math.min(textCopies, 1 + more), symbols };
};

const addedLocals = ({ symbolCopies, symbols }: Plan): number => (symbolCopies - 1) * symbols.textLocals;

/** The index in the large file of an original symbol, or of its copy if there is one. */
const newIndex = (plan: Plan, symbol: number, copy: number): number => {
  const { count, firstGlobal, textPlace, textLocals, textGlobals } = plan.symbols;
  const place = textPlace[symbol] ?? -1;
  const isLocal = symbol < firstGlobal;
  if (copy === 0 || place < 0) return isLocal ? symbol : symbol + addedLocals(plan);
  return isLocal
    ? firstGlobal + (copy - 1) * textLocals + place
    : count + addedLocals(plan) + (copy - 1) * textGlobals + place;
};

/** Yields the pieces of a section; each is valid until the next one is requested. */
const contentsOf = (input: number, plan: Plan, symtab: SectionHeader, symbolWords: Uint32Array) => {
  const strings = plan.image.sections[symtab.link];
  if (!strings) throw new Error('.symtab has no strings');
  const names = readBytes(input, strings.offset, strings.size);
  const added = copySymbols(plan, symbolWords, names);
  return function* (section: SectionHeader): Generator<Uint8Array> {
    if (section.type === SHT_NOBITS || section.size === 0) return;
    if (section.type === SHT_SYMTAB) {
      yield new Uint8Array(added.symbols.buffer);
      return;
    }
    const bytes = readBytes(input, section.offset, section.size);
    const copies = plan.copies[section.index] ?? 1;
    const words = wordsOf(bytes);
    const isRela = section.type === SHT_RELA;
    const moved = new Uint32Array(isRela ? words.length : 0);
    for (let copy = 0; copy < copies; copy++) {
      if (isRela) moveRelocations(plan, section, words, copy, moved);
      yield isRela ? new Uint8Array(moved.buffer) : bytes;
    }
    if (section.index === strings.index) yield added.names;
  };
};

/** All symbols of the large file, and the names of the copies; mapping symbols share one name. */
const copySymbols = (plan: Plan, words: Uint32Array, names: Buffer) => {
  const { textPlace, textLocals, textGlobals, count } = plan.symbols;
  const size = sectionNamed(plan.image, '.text').size;
  const symbols = new Uint32Array((count + (plan.symbolCopies - 1) * (textLocals + textGlobals)) * WORDS);
  const texts: string[] = [];
  let nameAt = names.length;
  for (let symbol = 0; symbol < count; symbol++) {
    const original = words.subarray(symbol * WORDS, (symbol + 1) * WORDS);
    symbols.set(original, newIndex(plan, symbol, 0) * WORDS);
    if ((textPlace[symbol] ?? -1) < 0) continue;
    const start = original[0] ?? 0;
    const name = names.toString('latin1', start, names.indexOf(0, start));
    for (let copy = 1; copy < plan.symbolCopies; copy++) {
      const at = newIndex(plan, symbol, copy) * WORDS;
      symbols.set(original, at);
      symbols[at + 2] = (original[2] ?? 0) + copy * size;
      if (name.startsWith('$')) continue;
      const own = `${name}_c${copy}\0`;
      symbols[at] = nameAt;
      nameAt += own.length;
      texts.push(own);
    }
  }
  return { symbols, names: Buffer.from(texts.join(''), 'latin1') };
};

/** Changes `words`, the relocations of a section, into those of a copy of it. */
const moveRelocations = (
  plan: Plan,
  rela: SectionHeader,
  words: Uint32Array,
  copy: number,
  into: Uint32Array,
): void => {
  const { image, copies, symbolCopies, symbols } = plan;
  const { marks, textMark } = symbols;
  const text = sectionNamed(image, '.text');
  const patched = copy * (image.sections[rela.info]?.size ?? 0);
  // Per section: the distance from the original to this copy.
  const behind = image.sections.map(({ index, size }) => (copy % (copies[index] ?? 1)) * size);
  const isOtherCode = image.sections.map(
    ({ index, flags }) => (flags & SHF_EXECINSTR) !== 0 && index !== text.index,
  );
  into.set(words);
  for (let at = 0; at < words.length; at += WORDS) {
    into[at] = (words[at] ?? 0) + patched;
    const symbol = words[at + 3] ?? 0;
    const mark = marks[symbol] ?? 0;
    let moves = 0;
    if (mark === 0) {
      into[at + 3] = newIndex(plan, symbol, copy % symbolCopies);
    } else {
      const other = copy > 0 && isOtherCode[mark - 1] === true;
      if (other) into[at + 3] = textMark;
      moves = behind[other ? text.index : mark - 1] ?? 0;
    }
    if (moves === 0) continue;
    const addend = (words[at + 4] ?? 0) + ((words[at + 5] ?? 0) | 0) * 2 ** 32 + moves;
    into[at + 4] = addend;
    into[at + 5] = Math.floor(addend / 2 ** 32);
  }
};

/** Writes sections one after the other, and the section header table at the end. */
class Writer {
  readonly #output: number;
  readonly #header: Buffer;
  readonly #table: Buffer;
  #at = EHDR_SIZE;

  constructor(output: number, image: ElfImage) {
    this.#output = output;
    this.#header = Buffer.from(image.header);
    this.#table = Buffer.from(image.table);
  }

  section({ index, type, align, size }: SectionHeader, pieces: Iterable<Uint8Array>): void {
    if (index === 0) return;
    this.#alignTo(align);
    const start = this.#at;
    for (const piece of pieces) this.#write(piece);
    this.#table.writeBigUInt64LE(BigInt(start), index * SHDR_SIZE + 24);
    this.#table.writeBigUInt64LE(
      BigInt(type === SHT_NOBITS ? size : this.#at - start),
      index * SHDR_SIZE + 32,
    );
  }

  /** sh_info: in .symtab the index of the first global symbol. */
  setInfo({ index }: SectionHeader, info: number): void {
    this.#table.writeUInt32LE(info, index * SHDR_SIZE + SH_INFO);
  }

  finish(): void {
    this.#alignTo(8);
    this.#header.writeBigUInt64LE(BigInt(this.#at), 40);
    this.#write(this.#table);
    writeSync(this.#output, this.#header, 0, EHDR_SIZE, 0);
  }

  #alignTo(align: number): void {
    this.#at = Math.ceil(this.#at / align) * align;
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#output, bytes, done, bytes.length - done, this.#at + done);
    }
    this.#at += bytes.length;
  }
}
