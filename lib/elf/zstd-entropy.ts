// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What Zstandard makes bits of, and back: finite state entropy tables, Huffman
// tables, and streams of bits that are read from their last byte to their first.
// [RFC 8878, chapter 4]

/** Thrown for data that break a rule of the format. */
export class Damaged extends Error {
  override readonly message = 'the compressed data are damaged';
}

/** A part of the bytes, all of which has to be there. */
export const part = (bytes: Uint8Array, start: number, length: number): Uint8Array => {
  if (start + length > bytes.length) throw new Damaged();
  return bytes.subarray(start, start + length);
};

/** The highest bit that is set, of a number above 0. */
export const highestBit = (value: number): number => 31 - Math.clz32(value);

/** Bits from the end. The last byte has a bit set behind the first that is read. [4.1.1, 4.2.2] */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** Bits that are left. */
  left: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1);
    if (!last) throw new Damaged();
    this.#bytes = bytes;
    this.left = (bytes.length - 1) * 8 + highestBit(last);
  }

  /** Up to 16 bits at a bit's place; those in front of the stream are zero. */
  #at(bit: number, count: number): number {
    const byte = bit >> 3; // rounds down: what is in front of the stream has negative places
    const at = (index: number): number => this.#bytes[index] ?? 0;
    const three = at(byte) | (at(byte + 1) << 8) | (at(byte + 2) << 16);
    return (three >>> (bit & 7)) & ((1 << count) - 1);
  }

  /** Up to 16 bits. Where fewer are left, zeros stand for the others, and `left` is negative. */
  read(count: number): number {
    this.left -= count;
    return this.#at(this.left, count);
  }

  /** Up to 32 bits, all of which have to be there. */
  readWide(count: number): number {
    const high = count > 16 ? this.read(count - 16) : 0;
    const value = high * 0x10000 + this.read(Math.min(count, 16));
    if (this.left < 0) throw new Damaged();
    return value;
  }
}

/** For each state: the symbol, how many bits to read, and what to add them to for the next state. */
export interface FseTable {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table of one symbol, for which no bits are read. */
export const oneSymbol = (symbol: number): FseTable => ({
  accuracy: 0,
  symbols: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/** The table of a distribution; -1: a symbol rarer than one state in all. [4.1.1 "From Normalized Distribution to Decoding Tables"] */
export const fseTable = (accuracy: number, probabilities: readonly number[]): FseTable => {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const next = probabilities.map((probability) => (probability === -1 ? 1 : probability));
  let high = size - 1;
  for (const [symbol, probability] of probabilities.entries())
    if (probability === -1) symbols[high--] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, probability] of probabilities.entries()) {
    for (let count = 0; count < probability; count++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  if (at !== 0) throw new Damaged();
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0;
    const value = next[symbol] ?? 0;
    next[symbol] = value + 1;
    const count = accuracy - highestBit(value);
    bits[state] = count;
    bases[state] = (value << count) - size;
  }
  return { accuracy, symbols, bits, bases };
};

/** The description of a table at the start of some bytes, and how long it is. [4.1.1 "FSE Table Description"] */
export const readFseTable = (
  bytes: Uint8Array,
  most: { readonly accuracy: number; readonly symbols: number },
): { readonly table: FseTable; readonly length: number } => {
  let bit = 0;
  const peek = (count: number): number => {
    const byte = bit >> 3;
    const at = (index: number): number => bytes[index] ?? 0;
    return ((at(byte) | (at(byte + 1) << 8) | (at(byte + 2) << 16)) >> (bit & 7)) & ((1 << count) - 1);
  };
  const accuracy = peek(4) + 5;
  bit += 4;
  if (accuracy > most.accuracy) throw new Damaged();
  const probabilities: number[] = [];
  let rest = 1 << accuracy;
  while (rest > 0) {
    // Values up to rest + 1; the lower ones have one bit less.
    const width = highestBit(rest + 1) + 1;
    const spare = (1 << width) - 1 - (rest + 1);
    const low = peek(width - 1);
    let value = low;
    if (low < spare) bit += width - 1;
    else {
      value = peek(width);
      bit += width;
      if (value >= 1 << (width - 1)) value -= spare;
    }
    const probability = value - 1;
    probabilities.push(probability);
    rest -= Math.abs(probability);
    let repeat = probability === 0 ? 3 : 0;
    while (repeat === 3) {
      repeat = peek(2);
      bit += 2;
      for (let index = 0; index < repeat; index++) probabilities.push(0);
      if (probabilities.length > most.symbols) throw new Damaged();
    }
    if (probabilities.length > most.symbols) throw new Damaged();
  }
  const length = (bit + 7) >> 3;
  if (rest < 0 || length > bytes.length) throw new Damaged();
  return { table: fseTable(accuracy, probabilities), length };
};

/** By so many bits: the symbol, and how many of the bits are its code. */
export interface HuffmanTable {
  readonly width: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const MAX_WIDTH = 11;

/** The description of a table at the start of some bytes, and how long it is. [4.2.1] */
export const readHuffmanTable = (
  bytes: Uint8Array,
): { readonly table: HuffmanTable; readonly length: number } => {
  const header = bytes[0] ?? 0;
  const isPlain = header >= 128;
  const length = 1 + (isPlain ? (header - 127 + 1) >> 1 : header);
  if (length > bytes.length) throw new Damaged();
  const packed = bytes.subarray(1, length);
  const weights = isPlain
    ? Array.from(
        { length: header - 127 },
        (_, index) => ((packed[index >> 1] ?? 0) >> (index & 1 ? 0 : 4)) & 15,
      )
    : readWeights(packed);
  return { table: huffmanTable(weights), length };
};

/** 255 weights at most; the last one is not written. */
const MAX_WEIGHTS = 255;

const readWeights = (bytes: Uint8Array): number[] => {
  const { table, length } = readFseTable(bytes, { accuracy: 6, symbols: 256 });
  const stream = new BackwardBits(bytes.subarray(length));
  const weights: number[] = [];
  // Two states take turns; the other one's symbol is the last where no bits are left for the next.
  const states = [stream.read(table.accuracy), stream.read(table.accuracy)];
  if (stream.left < 0) throw new Damaged();
  for (let turn = 0; ; turn = 1 - turn) {
    const state = states[turn] ?? 0;
    weights.push(table.symbols[state] ?? 0);
    if (weights.length > MAX_WEIGHTS) throw new Damaged();
    states[turn] = (table.bases[state] ?? 0) + stream.read(table.bits[state] ?? 0);
    if (stream.left < 0) {
      weights.push(table.symbols[states[1 - turn] ?? 0] ?? 0);
      return weights;
    }
  }
};

const huffmanTable = (written: readonly number[]): HuffmanTable => {
  const sum = written.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  if (sum === 0 || sum >= 1 << MAX_WIDTH) throw new Damaged();
  const width = highestBit(sum) + 1;
  const rest = (1 << width) - sum;
  // What is missing is the last symbol's.
  if ((rest & (rest - 1)) !== 0) throw new Damaged();
  const weights = [...written, highestBit(rest) + 1];
  if (weights.length > MAX_WEIGHTS + 1) throw new Damaged();
  const symbols = new Uint8Array(1 << width);
  const bits = new Uint8Array(1 << width);
  let at = 0;
  for (let weight = 1; weight <= width; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      bits.fill(width + 1 - weight, at, end);
      at = end;
    }
  }
  return { width, symbols, bits };
};

/** Fills `out` from one stream, all of which has to be used. [4.2.2] */
export const decodeHuffman = (
  { width, symbols, bits }: HuffmanTable,
  bytes: Uint8Array,
  out: Uint8Array,
): void => {
  const stream = new BackwardBits(bytes);
  for (let index = 0; index < out.length; index++) {
    const before = stream.left;
    const code = stream.read(width);
    out[index] = symbols[code] ?? 0;
    stream.left = before - (bits[code] ?? 0);
  }
  if (stream.left !== 0) throw new Damaged();
};
