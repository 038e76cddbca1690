// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compressed sections: SHF_COMPRESSED with an Elf64_Chdr in front, and the
// older GNU form, a `.zdebug_` name and "ZLIB" with a big-endian size.
// [gABI "Compressed Sections"]

import * as zlib from 'node:zlib';
import { FormatError } from './format-error.js';
import { ELFCOMPRESS } from './vocabulary.js';
import { mostUnpacked, unpackZstd } from './zstd.js';

/** Bytes in an Elf64_Chdr. */
const CHDR_SIZE = 24;
/** Bytes before the data of a GNU-style compressed section. */
const GNU_HEADER_SIZE = 12;
/** Deflate cannot expand more than this, so a larger claim is false. */
export const MAX_RATIO = 1032;

/** Bytes that no debug section of a kernel has; more is not unpacked from zstd, where a few bytes can stand for 128 KiB. */
const MOST = 2 ** 30;
/** A section up to here may be all alike: nothing larger that is of use is compressed that well. */
const MAY_BE_ALIKE = 2 ** 24;

/**
 * How many bytes compressed sections may unpack to, in all the files of a run: what compilers write unpacks to a few
 * times its size, or to zeros where only relocations tell; a gigabyte of zeros is a kilobyte all the same.
 */
export class UnpackAllowance {
  #left = 32 << 20;

  /** `fileSize`: of the first file. */
  constructor(fileSize = 0) {
    this.add(fileSize);
  }

  /** Each file brings its own: as it is on the disk. */
  add(fileSize: number): void {
    this.#left += 64 * fileSize;
  }

  /** Whether so many bytes are left; they are then taken. */
  take(size: number): boolean {
    if (size > this.#left) return false;
    this.#left -= size;
    return true;
  }

  /**
   * The same for what is unpacked whole, and then read like any file: kernels and modules become a quarter of their size
   * at best, and each object in it is checked.
   */
  takeFile(size: number): boolean {
    return this.take(8 * size);
  }
}

const tooMuch = (size: number): string =>
  `the section unpacks to ${size} bytes, more than is read of files of this size`;

const failIn =
  (file: string, section: string) =>
  (sentence: string): never => {
    throw new FormatError(file, section, 0, sentence);
  };

/** Unpacks a section with SHF_COMPRESSED; `file` and `section` are for messages. */
export const decompress = (
  file: string,
  section: string,
  bytes: Uint8Array,
  allowance: UnpackAllowance,
): Uint8Array<ArrayBuffer> => {
  const fail = failIn(file, section);
  if (bytes.length < CHDR_SIZE) return fail('a compressed section is too short for its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint32(0, true);
  const size = Number(view.getBigUint64(8, true));
  if (type === ELFCOMPRESS.ZSTD) return unpack(file, section, bytes.subarray(CHDR_SIZE), size, allowance);
  if (type !== ELFCOMPRESS.ZLIB) return fail(`unknown compression ${type}`);
  return inflate(file, section, bytes.subarray(CHDR_SIZE), size, allowance);
};

/** Inflates a `.zdebug_*` section. */
export const decompressGnu = (
  file: string,
  section: string,
  bytes: Uint8Array,
  allowance: UnpackAllowance,
): Uint8Array<ArrayBuffer> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < GNU_HEADER_SIZE || view.getUint32(0, false) !== 0x5a4c4942)
    return failIn(file, section)('the section has no compression header');
  const size = Number(view.getBigUint64(4, false));
  return inflate(file, section, bytes.subarray(GNU_HEADER_SIZE), size, allowance);
};

/** Node's decoder, in the versions that have it. */
const native: unknown = (zlib as Readonly<Record<string, unknown>>).zstdDecompressSync;

/** Without checking what the data claim. `decoder`: Node's, or what is not a function where it has none. */
export const unpackWith = (
  decoder: unknown,
  packed: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> | null => {
  if (typeof decoder !== 'function') return unpackZstd(packed, size);
  try {
    const unpacked: unknown = decoder(packed, { maxOutputLength: Math.max(size, 1) });
    return unpacked instanceof Uint8Array && unpacked.length === size ? new Uint8Array(unpacked) : null;
  } catch {
    return null;
  }
};

const unpack = (
  file: string,
  section: string,
  packed: Uint8Array,
  size: number,
  allowance: UnpackAllowance,
): Uint8Array<ArrayBuffer> => {
  const fail = failIn(file, section);
  const most = mostUnpacked(packed);
  if (most === null) return fail('the compressed data are damaged');
  if (size > most) return fail(`the section claims to unpack to ${size} bytes, which is impossible`);
  if (size > MOST || (size > MAY_BE_ALIKE && size > packed.length * MAX_RATIO))
    return fail(`the section claims to unpack to ${size} bytes, more than debug information ever does`);
  if (!allowance.take(size)) return fail(tooMuch(size));
  return unpackWith(native, packed, size) ?? fail('the compressed data are damaged');
};

const inflate = (
  file: string,
  section: string,
  packed: Uint8Array,
  size: number,
  allowance: UnpackAllowance,
): Uint8Array<ArrayBuffer> => {
  const fail = failIn(file, section);
  if (size > packed.length * MAX_RATIO)
    return fail(`the section claims to unpack to ${size} bytes, which is impossible`);
  if (!allowance.take(size)) return fail(tooMuch(size));
  let unpacked: Buffer;
  try {
    // In one piece, so that nothing is put together from pieces.
    const chunkSize = Math.max(size, 64);
    unpacked = zlib.inflateSync(packed, { maxOutputLength: Math.max(size, 1), chunkSize });
  } catch {
    return fail('the compressed data are damaged');
  }
  if (unpacked.length !== size) return fail(`the section unpacks to ${unpacked.length} bytes, not ${size}`);
  const { buffer, byteOffset, length } = unpacked;
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, length)
    : new Uint8Array(unpacked);
};
