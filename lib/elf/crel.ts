// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compact relocations, SHT_CREL: what clang's `--crel` writes instead of RELA. A
// ULEB128 of count * 8 + 4 (with addends) + shift; then for each relocation its
// difference from the one before: a byte with the low bits of the offset and three
// flags, followed by those of offset, symbol, type and addend that the flags
// announce. [LLVM, "Compact relocations": MaskRay's generic ABI proposal of 2024]
//
// Entries vary in length, so the entry at an index is found from an earlier one:
// every STRIDE-th is remembered, and only a window of the bytes is held. Arithmetic
// is modulo 2^64, in two words: an offset below the one before is a difference of
// nearly 2^64.

import { FormatError } from './format-error.js';
import { RELA_WORDS, RelocationTable } from './relocations.js';

/** Entries from one remembered entry to the next; a table is decoded in such blocks. */
const STRIDE = 4096;
/** Bytes that are held. */
const WINDOW = 65536;
/** Bytes in the longest LEB128 of 64 bits. */
const LONGEST_LEB = 10;

/** Whose bytes they are. */
export interface CrelSource {
  readonly file: string;
  readonly section: string;
  /** Bytes. */
  readonly size: number;
  readonly read: (offset: number, length: number) => Uint8Array;
}

/** What the next entry is a difference from; 64-bit numbers as a low and a high word. */
interface State {
  /** Byte of the section. */
  position: number;
  offsetLow: number;
  offsetHigh: number;
  symbol: number;
  type: number;
  addendLow: number;
  addendHigh: number;
}

export class CrelTable {
  readonly count: number;
  readonly #source: CrelSource;
  readonly #shift: number;
  /** By block number: the state before its first entry; as many as were reached. */
  readonly #starts: State[];
  #state: State;
  #block: { readonly number: number; readonly words: Uint32Array } | undefined;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  /** The last LEB128. */
  #low = 0;
  #high = 0;

  /** Throws FormatError if the header is incomplete, or claims more entries than the bytes can hold. */
  constructor(source: CrelSource) {
    this.#source = source;
    this.#state = {
      position: 0,
      offsetLow: 0,
      offsetHigh: 0,
      symbol: 0,
      type: 0,
      addendLow: 0,
      addendHigh: 0,
    };
    this.#leb(false);
    this.#shift = this.#low & 3;
    this.count = this.#high * 2 ** 29 + (this.#low >>> 3);
    if ((this.#low & 4) === 0) this.#fail('compact relocations without addends cannot be read');
    if (this.count > source.size - this.#state.position)
      this.#fail(`the section promises ${this.count} relocations and has ${source.size} bytes`);
    this.#starts = [{ ...this.#state }];
    if (this.count === 0) this.#checkEnd();
  }

  /** Entries first .. first + count, in the form of Elf64_Rela. */
  range(first: number, count: number): RelocationTable {
    if (!(first >= 0 && count >= 0 && first + count <= this.count))
      this.#fail(`relocations ${first} to ${first + count} are needed, there are ${this.count}`);
    const words = new Uint32Array(count * RELA_WORDS);
    for (let index = first; index < first + count; ) {
      const number = Math.floor(index / STRIDE);
      const block = this.#blockOf(number);
      const start = (index - number * STRIDE) * RELA_WORDS;
      const wanted = block.subarray(start, start + (first + count - index) * RELA_WORDS);
      words.set(wanted, (index - first) * RELA_WORDS);
      index += wanted.length / RELA_WORDS;
    }
    return new RelocationTable(words);
  }

  /** All entries, in pieces. */
  *chunks(): Generator<RelocationTable> {
    for (let number = 0; number * STRIDE < this.count; number++)
      yield new RelocationTable(this.#blockOf(number));
  }

  #blockOf(number: number): Uint32Array {
    if (this.#block?.number === number) return this.#block.words;
    // On the way to a block that was not reached before, those before it are decoded.
    for (let passed = this.#starts.length - 1; passed < number; passed++) this.#decode(passed);
    const words = this.#decode(number);
    this.#block = { number, words };
    return words;
  }

  #decode(number: number): Uint32Array {
    const start = this.#starts[number];
    if (!start) throw new Error(`block ${number} was not reached`);
    this.#state = { ...start };
    const count = Math.min(STRIDE, this.count - number * STRIDE);
    const words = new Uint32Array(count * RELA_WORDS);
    for (let index = 0; index < count; index++) this.#entry(words, index * RELA_WORDS);
    if (number * STRIDE + count === this.count) this.#checkEnd();
    else if (number + 1 === this.#starts.length) this.#starts.push({ ...this.#state });
    return words;
  }

  #entry(words: Uint32Array, at: number): void {
    const state = this.#state;
    const first = this.#byte();
    // Bits 0 to 2 are flags; 3 to 6 are the low bits of the offset; bit 7 says that more follow.
    this.#addOffset((first & 0x7f) >>> 3, 0);
    if (first >= 0x80) {
      this.#leb(false);
      this.#addOffset(this.#low << 4, (this.#high << 4) | (this.#low >>> 28));
    }
    if ((first & 1) !== 0) {
      this.#leb(true);
      state.symbol = (state.symbol + this.#low) >>> 0;
    }
    if ((first & 2) !== 0) {
      this.#leb(true);
      state.type = (state.type + this.#low) >>> 0;
    }
    if ((first & 4) !== 0) {
      this.#leb(true);
      const sum = state.addendLow + this.#low;
      state.addendHigh = (state.addendHigh + this.#high + (sum > 0xffffffff ? 1 : 0)) >>> 0;
      state.addendLow = sum >>> 0;
    }
    const shift = this.#shift;
    words[at] = state.offsetLow << shift;
    words[at + 1] =
      shift === 0 ? state.offsetHigh : (state.offsetHigh << shift) | (state.offsetLow >>> (32 - shift));
    words[at + 2] = state.type;
    words[at + 3] = state.symbol;
    words[at + 4] = state.addendLow;
    words[at + 5] = state.addendHigh;
  }

  #addOffset(low: number, high: number): void {
    const state = this.#state;
    const sum = state.offsetLow + (low >>> 0);
    state.offsetHigh = (state.offsetHigh + (high >>> 0) + (sum > 0xffffffff ? 1 : 0)) >>> 0;
    state.offsetLow = sum >>> 0;
  }

  /** Reads 64 bits into #low and #high. */
  #leb(signed: boolean): void {
    let low = 0;
    let high = 0;
    let byte: number;
    let shift = 0;
    do {
      if (shift === 7 * LONGEST_LEB) this.#fail('a LEB128 number is too large');
      byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
      shift += 7;
    } while (byte >= 0x80);
    if (signed && (byte & 0x40) !== 0) {
      if (shift < 32) {
        low |= -1 << shift;
        high = -1;
      } else if (shift < 64) high |= -1 << (shift - 32);
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }

  #byte(): number {
    const { position } = this.#state;
    const { size, read } = this.#source;
    if (position >= size) this.#fail('the relocations end in the middle of one');
    const isHeld = position >= this.#windowStart && position < this.#windowStart + this.#window.length;
    if (!isHeld) {
      this.#windowStart = position;
      this.#window = read(position, Math.min(WINDOW, size - position));
    }
    this.#state.position++;
    return this.#window[position - this.#windowStart] ?? 0;
  }

  #checkEnd(): void {
    const { position } = this.#state;
    const left = this.#source.size - position;
    if (left > 0) this.#fail(`${left} bytes follow the last of ${this.count} relocations`);
  }

  #fail(sentence: string): never {
    throw new FormatError(this.#source.file, this.#source.section, this.#state.position, sentence);
  }
}
