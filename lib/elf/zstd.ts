// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Zstandard, for sections that are compressed with it, where Node has no decoder
// (it has one from 22.15 and 23.8 on). Slower than one in C, and made for what may
// be damaged: never more is written than was asked for, every loop is bounded by
// what it reads or writes. The small decoders that npm has do not end on a table
// that reads no bits. Checksums and dictionaries are not looked at: linkers write
// none. [RFC 8878]

import { literalLengths, matchLengths, numberOf, offsets, tableOf } from './zstd-codes.js';
import {
  BackwardBits,
  Damaged,
  decodeHuffman,
  type FseTable,
  type HuffmanTable,
  part,
  readHuffmanTable,
} from './zstd-entropy.js';

const MAGIC = 0xfd2fb528;
/** The lower four bits are free. */
const SKIPPABLE = 0x184d2a50;
const MAX_BLOCK = 0x20000;

/** What blocks of a frame take over from the ones before. */
interface Memory {
  huffman: HuffmanTable | null;
  readonly tables: [FseTable | null, FseTable | null, FseTable | null];
  readonly repeats: [number, number, number];
}

const u24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
const u32 = (bytes: Uint8Array, at: number): number => u24(bytes, at) + (bytes[at + 3] ?? 0) * 2 ** 24;

/** Where the output of a decoder goes: `size` bytes, never more. */
class Output {
  readonly bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  /** Matches reach back to here. */
  frameStart = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** Room for so many bytes. */
  reserve(count: number): number {
    const start = this.length;
    if (start + count > this.bytes.length) throw new Damaged();
    this.length += count;
    return start;
  }

  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.reserve(bytes.length));
  }

  copyBack(offset: number, count: number): void {
    if (offset === 0 || offset > this.length - this.frameStart) throw new Damaged();
    const start = this.reserve(count);
    // They may overlap, which repeats what is between.
    for (let at = start; at < start + count; at++) this.bytes[at] = this.bytes[at - offset] ?? 0;
  }
}

/** The blocks of a frame, and where it ends. `block`: a header's type, and the extents of what is read and written. */
const walk = (
  bytes: Uint8Array,
  frame: () => void,
  block: (type: number, start: number, size: number) => void,
): void => {
  let at = 0;
  while (at < bytes.length) {
    const magic = u32(bytes, at);
    if ((magic & ~15) >>> 0 === SKIPPABLE) {
      at += 8 + u32(bytes, at + 4);
      continue;
    }
    if (magic !== MAGIC) throw new Damaged();
    const descriptor = bytes[at + 4] ?? 0;
    const isSingle = (descriptor & 0x20) !== 0;
    const hasChecksum = (descriptor & 4) !== 0;
    // A dictionary would have to be known.
    if ((descriptor & 8) !== 0 || (descriptor & 3) !== 0) throw new Damaged();
    const sizeFlag = descriptor >> 6;
    at += 5 + (isSingle ? 0 : 1) + (sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag);
    frame();
    for (let isLast = false; !isLast; ) {
      if (at + 3 > bytes.length) throw new Damaged();
      const header = u24(bytes, at);
      isLast = (header & 1) !== 0;
      const type = (header >> 1) & 3;
      const size = header >> 3;
      const stored = type === RLE ? 1 : size;
      if (type > COMPRESSED || size > MAX_BLOCK || at + 3 + stored > bytes.length) throw new Damaged();
      block(type, at + 3, size);
      at += 3 + stored;
    }
    at += hasChecksum ? 4 : 0;
  }
};

const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** Bytes that data can unpack to at most, by what their blocks say; null: they are damaged. */
export const mostUnpacked = (bytes: Uint8Array): number | null => {
  let most = 0;
  try {
    walk(
      bytes,
      () => {},
      (type, _, size) => {
        most += type === COMPRESSED ? MAX_BLOCK : size;
      },
    );
    return most;
  } catch (error) {
    if (error instanceof Damaged) return null;
    throw error;
  }
};

/** The `size` bytes that data unpack to; null: they are damaged, or unpack to another size. */
export const unpackZstd = (bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> | null => {
  const out = new Output(size);
  let memory: Memory = newMemory();
  try {
    walk(
      bytes,
      () => {
        memory = newMemory();
        out.frameStart = out.length;
      },
      (type, start, length) => {
        if (type === RAW) out.append(part(bytes, start, length));
        else if (type === RLE) {
          const at = out.reserve(length);
          out.bytes.fill(bytes[start] ?? 0, at, at + length);
        } else unpackBlock(part(bytes, start, length), memory, out);
      },
    );
  } catch (error) {
    if (error instanceof Damaged) return null;
    throw error;
  }
  return out.length === size ? out.bytes : null;
};

const newMemory = (): Memory => ({ huffman: null, tables: [null, null, null], repeats: [1, 4, 8] });

/** [3.1.1.3] */
const unpackBlock = (bytes: Uint8Array, memory: Memory, out: Output): void => {
  const { literals, length } = readLiterals(bytes, memory);
  const end = out.length + MAX_BLOCK;
  const used = runSequences(bytes.subarray(length), literals, memory, out, end);
  if (out.length + literals.length - used > end) throw new Damaged();
  out.append(literals.subarray(used));
};

/** [3.1.1.3.1] */
const readLiterals = (
  bytes: Uint8Array,
  memory: Memory,
): { readonly literals: Uint8Array; readonly length: number } => {
  const first = bytes[0] ?? 0;
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type < 2) {
    const header = format === 1 ? 2 : format === 3 ? 3 : 1;
    const size = header === 1 ? first >> 3 : (u24(bytes, 0) & (header === 2 ? 0xffff : 0xffffff)) >> 4;
    if (size > MAX_BLOCK) throw new Damaged();
    if (type === RAW) return { literals: part(bytes, header, size), length: header + size };
    return { literals: new Uint8Array(size).fill(part(bytes, header, 1)[0] ?? 0), length: header + 1 };
  }
  const width = format < 2 ? 10 : format === 2 ? 14 : 18;
  const header = format < 2 ? 3 : format === 2 ? 4 : 5;
  part(bytes, 0, header);
  const sizes = Math.floor((u32(bytes, 0) + (header > 4 ? (bytes[4] ?? 0) * 2 ** 32 : 0)) / 16);
  const size = sizes % 2 ** width;
  const stored = Math.floor(sizes / 2 ** width) % 2 ** width;
  if (size > MAX_BLOCK) throw new Damaged();
  let packed = part(bytes, header, stored);
  if (type === COMPRESSED) {
    const { table, length } = readHuffmanTable(packed);
    memory.huffman = table;
    packed = packed.subarray(length);
  }
  if (!memory.huffman) throw new Damaged();
  const literals = new Uint8Array(size);
  if (format === 0) decodeHuffman(memory.huffman, packed, literals);
  else decodeFourStreams(memory.huffman, packed, literals);
  return { literals, length: header + stored };
};

/** [3.1.1.3.1.6] */
const decodeFourStreams = (table: HuffmanTable, packed: Uint8Array, literals: Uint8Array): void => {
  const each = (literals.length + 3) >> 2;
  if (3 * each > literals.length) throw new Damaged();
  let at = 6;
  for (let stream = 0; stream < 4; stream++) {
    const length = stream < 3 ? u24(packed, 2 * stream) & 0xffff : packed.length - at;
    if (length < 0) throw new Damaged();
    const end = stream < 3 ? each * (stream + 1) : literals.length;
    decodeHuffman(table, part(packed, at, length), literals.subarray(each * stream, end));
    at += length;
  }
};

/** Writes what the sequences say; how many literals they used. [3.1.1.3.2] */
const runSequences = (
  bytes: Uint8Array,
  literals: Uint8Array,
  memory: Memory,
  out: Output,
  end: number,
): number => {
  const [first = 0, second = 0] = bytes;
  const header = first < 128 ? 1 : first < 255 ? 2 : 3;
  const count =
    header === 1 ? first : header === 2 ? ((first - 128) << 8) + second : (u24(bytes, 1) & 0xffff) + 0x7f00;
  part(bytes, 0, header);
  if (count === 0) return 0;
  const modes = part(bytes, header, 1)[0] ?? 0;
  if ((modes & 3) !== 0) throw new Damaged();
  let at = header + 1;
  const [lengthTable, offsetTable, matchTable] = [literalLengths, offsets, matchLengths].map((of, index) => {
    const mode = (modes >> (6 - 2 * index)) & 3;
    const { table, length } = tableOf(mode, bytes.subarray(at), of, memory.tables[index] ?? null);
    at += length;
    memory.tables[index] = table;
    return table;
  });
  if (!lengthTable || !offsetTable || !matchTable) throw new Damaged();

  const stream = new BackwardBits(bytes.subarray(at));
  let lengthState = stream.read(lengthTable.accuracy);
  let offsetState = stream.read(offsetTable.accuracy);
  let matchState = stream.read(matchTable.accuracy);
  const next = (table: FseTable, state: number): number =>
    (table.bases[state] ?? 0) + stream.read(table.bits[state] ?? 0);
  let used = 0;
  for (let index = 0; index < count; index++) {
    const offset = numberOf(offsets, offsetTable, offsetState, stream);
    const match = numberOf(matchLengths, matchTable, matchState, stream);
    const length = numberOf(literalLengths, lengthTable, lengthState, stream);
    if (out.length + length + match > end) throw new Damaged();
    out.append(part(literals, used, length));
    used += length;
    out.copyBack(distanceOf(offset, length, memory.repeats), match);
    if (index === count - 1) break;
    lengthState = next(lengthTable, lengthState);
    matchState = next(matchTable, matchState);
    offsetState = next(offsetTable, offsetState);
  }
  if (stream.left !== 0) throw new Damaged();
  return used;
};

/** The first three numbers stand for distances used before. [3.1.1.5] */
const distanceOf = (offset: number, length: number, repeats: Memory['repeats']): number => {
  const [first, second, third] = repeats;
  if (offset > 3) {
    repeats.splice(0, 3, offset - 3, first, second);
    return offset - 3;
  }
  const which = offset - (length === 0 ? 0 : 1);
  if (which === 0) return first;
  const distance = which === 1 ? second : which === 2 ? third : first - 1;
  repeats.splice(0, 3, distance, first, which === 1 ? third : second);
  return distance;
};
