// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A bounds-checked reader of little-endian values that knows its section, so that
// every complaint carries file, section and offset. Parsers built on it read
// straight on and check nothing themselves.

import { FormatError } from './format-error.js';

/** Where a cursor's bytes come from, for messages. */
export interface CursorOrigin {
  readonly file: string;
  readonly section: string | null;
  /** The section offset of the first byte. */
  readonly base: number;
}

export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #origin: CursorOrigin;
  /** The next byte, relative to the first. */
  #position: number;

  constructor(bytes: Uint8Array, origin: CursorOrigin) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#origin = origin;
    this.#position = 0;
  }

  /** All its bytes, for loops that read few of many and check for themselves. */
  get contents(): Uint8Array {
    return this.#bytes;
  }

  /** The section offset of the next byte. */
  get offset(): number {
    return this.#origin.base + this.#position;
  }

  set offset(offset: number) {
    const position = offset - this.#origin.base;
    if (!(position >= 0 && position <= this.#bytes.length))
      this.fail(`offset 0x${offset.toString(16)} lies outside`);
    this.#position = position;
  }

  /** The section offset after the last byte. */
  get end(): number {
    return this.#origin.base + this.#bytes.length;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  fail(sentence: string): never {
    throw new FormatError(this.#origin.file, this.#origin.section, this.offset, sentence);
  }

  skip(length: number): void {
    this.#take(length);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** 64 bits as a number, for offsets and sizes; throws beyond 2^53. */
  u64(): number {
    const start = this.#take(8);
    const value = this.#view.getBigUint64(start, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#position = start;
      this.fail(`0x${value.toString(16)} is too large for an offset`);
    }
    return Number(value);
  }

  /** All 64 bits, for addresses. */
  address(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** [DWARF5 7.6] unsigned LEB128; throws beyond 2^53. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; ; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER || count > 18) this.fail('a LEB128 number is too large');
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** [DWARF5 7.6] signed LEB128. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; ; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (value > Number.MAX_SAFE_INTEGER) {
        // A small negative number padded to 64 bits; no signed number that is read here is that large.
        while (byte >= 0x80 && this.u8() >= 0x80);
        return -1;
      }
      if (count > 18) this.fail('a LEB128 number is too large');
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
    }
  }

  /** A NUL-terminated string. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#position);
    if (end < 0) this.fail('a string has no end');
    const text = Buffer.from(
      this.#bytes.buffer,
      this.#bytes.byteOffset + this.#position,
      end - this.#position,
    ).toString('utf8');
    this.#position = end + 1;
    return text;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #take(length: number): number {
    const start = this.#position;
    if (!(length >= 0 && start + length <= this.#bytes.length))
      this.fail(`${length} more bytes are needed here`);
    this.#position = start + length;
    return start;
  }
}
