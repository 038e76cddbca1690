// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import { Cursor } from '../../lib/elf/cursor.js';
import { FormatError } from '../../lib/elf/format-error.js';

const over = (bytes: readonly number[], base = 0): Cursor =>
  new Cursor(new Uint8Array(bytes), { file: 'a.o', section: '.debug_info', base });

t.test('numbers of fixed size are little-endian', async (t) => {
  const cursor = over([1, 2, 3, 4, 5, 6, 7, 0xfe, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 0, 0]);
  t.equal(cursor.u8(), 1);
  t.equal(cursor.u16(), 0x0302);
  t.equal(cursor.u32(), 0x07060504);
  t.equal(cursor.u32(), 0xfffffffe);
  t.equal(cursor.u64(), 0x060504030201);
  t.ok(cursor.atEnd);
  cursor.offset = 0;
  t.equal(cursor.address(), 0xfe07060504030201n);
});

t.test('unsigned LEB128: the examples of DWARF 5, 7.6, and extreme values', async (t) => {
  const rows: readonly (readonly [readonly number[], number])[] = [
    [[2], 2],
    [[127], 127],
    [[0x80, 1], 128],
    [[0x81, 1], 129],
    [[0x39 + 0x80, 0x64], 12857],
    [[0x80, 0x80, 0], 0],
    [[0xe5, 0x8e, 0x26], 624485],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], Number.MAX_SAFE_INTEGER],
  ];
  for (const [bytes, value] of rows) {
    const cursor = over(bytes);
    t.equal(cursor.uleb(), value, bytes.join(' '));
    t.ok(cursor.atEnd);
  }
});

t.test('signed LEB128: the examples of DWARF 5, 7.6', async (t) => {
  const rows: readonly (readonly [readonly number[], number])[] = [
    [[2], 2],
    [[0x7e], -2],
    [[127 + 0x80, 0], 127],
    [[1 + 0x80, 0x7f], -127],
    [[0x80, 1], 128],
    [[0x80, 0x7f], -128],
    [[1 + 0x80, 1], 129],
    [[0x7f + 0x80, 0x7e], -129],
    [[0xc0, 0xbb, 0x78], -123456],
  ];
  for (const [bytes, value] of rows) {
    const cursor = over(bytes);
    t.equal(cursor.sleb(), value, bytes.join(' '));
    t.ok(cursor.atEnd);
  }
});

/** Encodes LEB128 by figures 46 and 47 of the standard (7.6), in BigInt. */
const encode = (value: bigint, isSigned: boolean): readonly number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const isDone = isSigned ? rest === (byte & 0x40 ? -1n : 0n) : rest === 0n;
    bytes.push(isDone ? byte : byte | 0x80);
    if (isDone) return bytes;
  }
};

t.test('LEB128 numbers that were encoded are read back', async () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => over(encode(BigInt(value), false)).uleb() === value));
  const signed = fc.integer({ min: -(2 ** 47), max: 2 ** 47 });
  fc.assert(fc.property(signed, (value) => over(encode(BigInt(value), true)).sleb() === value));
});

t.test('numbers too large for an offset are refused', async (t) => {
  t.throws(() => over([0, 0, 0, 0, 0, 0, 0x20, 0]).u64(), /0x20000000000000 is too large for an offset/);
  t.throws(() => over([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).uleb(), /too large/);
  t.throws(() => over(new Array(40).fill(0x80)).uleb(), /too large/, 'bytes without an end');
  t.throws(() => over(new Array(40).fill(0x80)).sleb(), /a\.o\(\.debug_info\)/);
});

t.test('a string ends at a NUL, and one without a NUL is refused', async (t) => {
  const cursor = over([...Buffer.from('héllo\0\0x')]);
  t.equal(cursor.string(), 'héllo');
  t.equal(cursor.string(), '');
  t.throws(() => cursor.string(), /a string has no end/);
});

t.test('an error has file, section, and the offset within the section', async (t) => {
  const cursor = over([1, 2], 0x100);
  cursor.skip(1);
  t.equal(cursor.offset, 0x101);
  t.equal(cursor.end, 0x102);
  const error = t.throws(() => cursor.u32());
  t.match(error, { file: 'a.o', section: '.debug_info', offset: 0x101 });
  t.throws(() => {
    cursor.offset = 0x103;
  }, /offset 0x103 lies outside/);
  t.throws(() => {
    cursor.offset = 0xff;
  }, /lies outside/);
  t.throws(() => cursor.bytes(-1), /a\.o\(\.debug_info\)/);
  t.throws(() => cursor.skip(Number.NaN), /a\.o\(\.debug_info\)/);
  t.same([...cursor.bytes(1)], [2]);
});

t.test('random bytes are read, or throw a FormatError', async () => {
  const reads = ['u8', 'u16', 'u32', 'u64', 'address', 'uleb', 'sleb', 'string'] as const;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.array(fc.constantFrom(...reads)), (bytes, names) => {
      const cursor = new Cursor(bytes, { file: 'a.o', section: null, base: 0 });
      try {
        for (const name of names) cursor[name]();
      } catch (error) {
        return error instanceof FormatError;
      }
      return true;
    }),
  );
});
