// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Files compressed by gzip: modules (`.ko.gz`), kernels (`vmlinux.gz`). Ranges of them
// cannot be read, so they are unpacked into memory, if the size is plausible: the
// last four bytes give it (RFC 1952), and Deflate cannot expand more than so much. The
// start is unpacked first, to see whether the rest is wanted.

import { constants, gunzipSync } from 'node:zlib';
import { type ByteSource, memorySource, readExactly } from './byte-source.js';
import { MAX_RATIO, UnpackAllowance } from './compressed-section.js';
import { FormatError } from './format-error.js';

/** Compressed bytes that are unpacked first. */
const START = 4096;
/** Larger than any kernel with debug information; more is not unpacked. */
const MOST = 2 ** 30;

export const isGzip = (source: ByteSource): boolean => {
  const [first, second, method] = source.read(0, 3);
  return first === 0x1f && second === 0x8b && method === 8;
};

/**
 * The unpacked contents, under the same path. `refusal` says of the first bytes why the rest is not wanted, or null.
 * Throws FormatError if the file is damaged, too large or not wanted.
 */
export const unpackGzip = (
  source: ByteSource,
  refusal: (start: Uint8Array) => string | null,
  allowance = new UnpackAllowance(),
): ByteSource => {
  const fail = (sentence: string): never => {
    throw new FormatError(source.path, null, 0, sentence);
  };
  const inflate = (bytes: Uint8Array, options: Parameters<typeof gunzipSync>[1]): Buffer => {
    try {
      return gunzipSync(bytes, options);
    } catch (error) {
      if (error instanceof RangeError) return fail(`it unpacks to more than it says, or than ${MOST} bytes`);
      return fail('the gzip data are damaged');
    }
  };
  // Sync: it may be cut off anywhere. Deflate seldom makes more than 64 KiB of this.
  const start = inflate(source.read(0, START), {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: START * MAX_RATIO,
  });
  const refused = refusal(start);
  if (refused !== null) return fail(refused);

  const trailer = readExactly(source, Math.max(0, source.size - 4), 4, 'the size behind the gzip data');
  const size = new DataView(trailer.buffer).getUint32(0, true);
  if (size > MOST) return fail(`it says that it unpacks to ${size} bytes; no more than ${MOST} are unpacked`);
  if (size > source.size * MAX_RATIO)
    return fail(`it says that it unpacks to ${size} bytes, which is impossible`);
  if (!allowance.takeFile(size))
    return fail(`it unpacks to ${size} bytes, more than is read of files of this size`);
  const bytes = inflate(source.read(0, source.size), { maxOutputLength: Math.max(size, 1) });
  return memorySource(source.path, bytes);
};
