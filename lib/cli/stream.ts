// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Inputs that cannot be read in ranges: FIFOs, `<(...)`, standard input. They are read
// into memory, as far as their contents ask for. The user named them, so waiting for a
// writer is right, as in cat.

import { readSync } from 'node:fs';
import { streamExtent } from '../elf/stream-extent.js';
import { Refusal } from './guard.js';
import { codeOf } from './thrown.js';
import { whenReady } from './when-ready.js';

/** One and a half times a vmlinux.o of an arm64 defconfig with debug information. */
export const LARGEST_STREAM = 2 ** 31;

const FIRST = 1 << 16;

/** Reads what there is; 0 bytes at the end. */
const readSome = (descriptor: number, bytes: Uint8Array, at: number): number => {
  try {
    return whenReady(() => readSync(descriptor, bytes, at, bytes.length - at, null));
  } catch (error) {
    if (codeOf(error) === 'EOF') return 0;
    throw error;
  }
};

/** Reads what an object or archive needs of a stream; of anything else only the first bytes. */
export const readStream = (descriptor: number): Uint8Array => {
  const extent = streamExtent();
  let bytes = new Uint8Array(FIRST);
  let filled = 0;
  let needed = extent(bytes.subarray(0, 0));
  while (filled < needed) {
    if (needed > LARGEST_STREAM)
      throw new Refusal(`more than ${LARGEST_STREAM} bytes would have to be read from a stream`);
    if (filled === bytes.length) {
      const larger = new Uint8Array(Math.min(LARGEST_STREAM, bytes.length * 2));
      larger.set(bytes);
      bytes = larger;
    }
    const got = readSome(descriptor, bytes, filled);
    if (got === 0) break;
    filled += got;
    if (filled >= needed) needed = extent(bytes.subarray(0, filled));
  }
  return bytes.subarray(0, filled);
};
