// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where bytes come from: something that reads ranges. The cli opens files and
// passes one of these to the ELF layer, which never sees a file descriptor; tests
// pass one made of memory. A check needs about a fortieth of its inputs, so
// nothing here reads a whole file.

import { FormatError } from './format-error.js';

export interface ByteSource {
  /** As messages show it: a path, or archive(member). */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Bytes offset .. offset + length, fewer at the end of the source, in an array of their own (byteOffset 0, so that
   * 32-bit views of it are aligned) or in `into`, which is at least as long.
   */
  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** Exactly `length` bytes at `offset`, or a FormatError that says what is missing. */
export const readExactly = (
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> => {
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
    throw new FormatError(
      source.path,
      null,
      offset,
      `${what} (${length} bytes) reaches past the end of the file (${source.size} bytes)`,
    );
  }
  const bytes = source.read(offset, length, into);
  if (bytes.length !== length) {
    throw new FormatError(
      source.path,
      null,
      offset,
      `${what} could not be read whole: the file became shorter`,
    );
  }
  return bytes;
};

/** Bytes of an ELF header, the longest of those by which files are told from each other. */
const START = 64;

/** The same source, of which the first bytes are read once: what kind of file it is, several ask. */
export const withStart = (source: ByteSource): ByteSource => {
  let start: Uint8Array<ArrayBuffer> | undefined;
  return {
    path: source.path,
    size: source.size,
    read: (offset, length, into) => {
      if (into || offset < 0 || offset + length > START) return source.read(offset, length, into);
      start ??= source.read(0, START);
      return start.slice(offset, offset + length);
    },
  };
};

/** A range of another source under its own name: an archive's member. */
export const subSource = (source: ByteSource, path: string, start: number, size: number): ByteSource => ({
  path,
  size,
  read: (offset, length, into) =>
    source.read(start + offset, Math.max(0, Math.min(length, size - offset)), into),
});

/** Bytes in memory as a source. */
export const memorySource = (path: string, bytes: Uint8Array): ByteSource => ({
  path,
  size: bytes.length,
  read: (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
});

/** A 64-bit field by its words. Most have a high word of 0, and are no number on the heap then. */
export const wide = (low: number, high: number): number => (high === 0 ? low : low + high * 2 ** 32);

const hostIsLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Bytes of a ByteSource as little-endian 32-bit words; a 64-bit field is two words, the low one first. Trailing bytes
 * that do not fill a word are dropped.
 */
export const wordsOf = (bytes: Uint8Array<ArrayBuffer>): Uint32Array => {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  if (hostIsLittleEndian) return words;
  const view = new DataView(bytes.buffer, bytes.byteOffset, words.length * 4);
  return Uint32Array.from(words, (_, index) => view.getUint32(index * 4, true));
};

/** The little-endian 32-bit word at an offset of some bytes, with 0 for those that are not there. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)) >>>
  0;
