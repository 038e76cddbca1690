// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How much of a file must be read from a pipe, told from its beginning. A pipe has
// no size, and what follows an object, or is not one at all, may never end. An ELF
// file says where its parts are; each member of an archive says where the next is.

import { memorySource } from './byte-source.js';
import { EHDR_SIZE, readFileHeader, SHDR_SIZE } from './file-header.js';
import { FormatError } from './format-error.js';
import { SHT } from './vocabulary.js';

/** Bytes that tell what a file is. */
const MAGIC_SIZE = 16;
const MEMBER_HEADER = 60;

/**
 * Given all that was read so far, returns how many bytes are needed to say more. If that many are there already, the
 * file is complete.
 */
export type StreamExtent = (bytes: Uint8Array) => number;

export const streamExtent = (): StreamExtent => {
  let member = 8;
  return (bytes) => {
    if (bytes.length < MAGIC_SIZE) return MAGIC_SIZE;
    const magic = String.fromCharCode(...bytes.subarray(0, 8));
    if (magic.startsWith('\x7fELF')) return elfExtent(bytes);
    // It says how long it is only at its end.
    if (magic.startsWith('\x1f\x8b\x08')) return bytes.length + 1;
    if (magic !== '!<arch>\n' && magic !== '!<thin>\n') return 0;
    for (;;) {
      if (bytes.length < member + MEMBER_HEADER) return member + MEMBER_HEADER;
      const header = String.fromCharCode(...bytes.subarray(member, member + MEMBER_HEADER));
      const size = Number(header.slice(48, 58));
      // Damaged: the reader of the archive will say so.
      if (!header.endsWith('`\n') || !(size >= 0)) return 0;
      const isInside = magic === '!<arch>\n' || /^\/(\/|SYM64\/)? /.test(header);
      member += MEMBER_HEADER + (isInside ? size + (size % 2) : 0);
    }
  };
};

const elfExtent = (bytes: Uint8Array): number => {
  if (bytes.length < EHDR_SIZE) return EHDR_SIZE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headers = Number(view.getBigUint64(40, true));
  // Section header 0 may hold the number of headers.
  if (headers > 0 && bytes.length < headers + SHDR_SIZE) return headers + SHDR_SIZE;
  try {
    const { sectionCount } = readFileHeader(memorySource('', bytes));
    let end = headers + sectionCount * SHDR_SIZE;
    if (bytes.length < end) return end;
    for (let at = headers; at < headers + sectionCount * SHDR_SIZE; at += SHDR_SIZE) {
      if (view.getUint32(at + 4, true) === SHT.NOBITS) continue;
      const offset = Number(view.getBigUint64(at + 24, true));
      end = Math.max(end, offset + Number(view.getBigUint64(at + 32, true)));
    }
    return end;
  } catch (error) {
    // It is refused already: more of it would not help.
    if (error instanceof FormatError) return 0;
    throw error;
  }
};
