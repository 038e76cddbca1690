// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compressed sections: SHF_COMPRESSED with an Elf64_Chdr in front, and the
// older GNU form, a `.zdebug_` name and "ZLIB" with a big-endian size.
// [gABI "Compressed Sections"]

import { inflateSync } from 'node:zlib';
import { FormatError } from './format-error.js';
import { ELFCOMPRESS } from './vocabulary.js';

/** Bytes in an Elf64_Chdr. */
const CHDR_SIZE = 24;
/** Bytes before the data of a GNU-style compressed section. */
const GNU_HEADER_SIZE = 12;
/** Deflate cannot expand more than this, so a larger claim is false. */
export const MAX_RATIO = 1032;

/** Inflates a section with SHF_COMPRESSED; `file` and `section` are for messages. */
export const decompress = (file: string, section: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const fail = (sentence: string): never => {
    throw new FormatError(file, section, 0, sentence);
  };
  if (bytes.length < CHDR_SIZE) return fail('a compressed section is too short for its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint32(0, true);
  const size = Number(view.getBigUint64(8, true));
  if (type === ELFCOMPRESS.ZSTD)
    return fail('the section is compressed with zstd, which is not supported; only zlib is');
  if (type !== ELFCOMPRESS.ZLIB) return fail(`unknown compression ${type}`);
  return inflate(file, section, bytes.subarray(CHDR_SIZE), size);
};

/** Inflates a `.zdebug_*` section. */
export const decompressGnu = (file: string, section: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < GNU_HEADER_SIZE || view.getUint32(0, false) !== 0x5a4c4942) {
    throw new FormatError(file, section, 0, 'the section has no compression header');
  }
  return inflate(file, section, bytes.subarray(GNU_HEADER_SIZE), Number(view.getBigUint64(4, false)));
};

const inflate = (
  file: string,
  section: string,
  packed: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> => {
  if (size > packed.length * MAX_RATIO) {
    throw new FormatError(
      file,
      section,
      0,
      `the section claims to unpack to ${size} bytes, which is impossible`,
    );
  }
  let unpacked: Uint8Array;
  try {
    unpacked = inflateSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw new FormatError(file, section, 0, 'the compressed data are damaged');
  }
  if (unpacked.length !== size) {
    throw new FormatError(file, section, 0, `the section unpacks to ${unpacked.length} bytes, not ${size}`);
  }
  return new Uint8Array(unpacked);
};
