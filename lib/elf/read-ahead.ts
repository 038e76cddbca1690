// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Small pieces of a file that are read one after the other, and mostly stand so: each
// read takes what follows as well, so that the next piece is there already.

import type { ByteSource } from './byte-source.js';

/** Bytes of a read: three hundred sections of relocations of one exported symbol each. */
const AHEAD = 16_384;

export class ReadAhead {
  readonly #source: ByteSource;
  #start = 0;
  #bytes = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes offset .. offset + size, in an array of their own; null if the file does not have all of them. */
  read(offset: number, size: number): Uint8Array<ArrayBuffer> | null {
    const isThere = offset >= this.#start && offset + size <= this.#start + this.#bytes.length;
    if (!isThere) {
      if (offset + size > this.#source.size) return null;
      this.#start = offset;
      this.#bytes = this.#source.read(offset, Math.max(size, AHEAD));
      if (this.#bytes.length < size) return null;
    }
    return this.#bytes.slice(offset - this.#start, offset - this.#start + size);
  }
}
