// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// gzip files are unpacked if they have the size that their trailer says, and it is plausible.

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type ByteSource, memorySource } from '../../lib/elf/byte-source.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { isGzip, unpackGzip } from '../../lib/elf/gzip.js';

const wanted = () => null;
const unpacked = (bytes: Uint8Array): ByteSource => unpackGzip(memorySource('x.ko.gz', bytes), wanted);
const refusal = (bytes: Uint8Array): string => {
  try {
    unpacked(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.sentence;
    throw error;
  }
  throw new Error('it was accepted');
};
/** The file with another size in its trailer. */
const saying = (bytes: Uint8Array, size: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(size, copy.length - 4);
  return copy;
};

/** Random, so that it does not pack well: the file is longer than the start that is unpacked first. */
const contents = randomBytes(20_000);
const good = gzipSync(contents);

t.test('a gzip file gives its contents, under its own path', async (t) => {
  const source = unpacked(good);
  t.equal(source.path, 'x.ko.gz');
  t.equal(source.size, contents.length);
  t.ok(Buffer.from(source.read(0, source.size)).equals(contents));
  t.ok(isGzip(memorySource('x', good)));
  t.notOk(isGzip(memorySource('x', contents)));
});

t.test('a file whose first bytes are refused throws that refusal', async (t) => {
  let start: Uint8Array = new Uint8Array();
  const source = memorySource('x.gz', good);
  const refuse = (bytes: Uint8Array): string => {
    start = bytes;
    return 'not wanted';
  };
  t.throws(() => unpackGzip(source, refuse), /not wanted/);
  t.ok(start.length > 0 && Buffer.from(contents.subarray(0, start.length)).equals(start));
});

t.test('a size above the limit, or impossible for the data, is refused', async (t) => {
  t.match(refusal(saying(good, 0x7fffffff)), /^it says that it unpacks to 2147483647 bytes; no more than/);
  t.match(refusal(saying(good, 100_000_000)), /which is impossible$/);
});

t.test('by default a file may unpack to 4 MB, and no more', async (t) => {
  const zeros = (size: number) => gzipSync(Buffer.alloc(size));
  t.equal(unpacked(zeros(4 << 20)).size, 4 << 20);
  t.match(refusal(zeros(5 << 20)), /more than is read of files of this size$/);
});

t.test('a file that unpacks to more than its trailer says is refused', async (t) => {
  const bomb = saying(gzipSync(Buffer.alloc(64 << 20)), 10);
  t.match(refusal(bomb), /^it unpacks to more than it says/);
});

t.test('a file that is cut off anywhere is refused', async (t) => {
  for (let length = 3; length < good.length; length += 997)
    t.match(
      refusal(good.subarray(0, length)),
      /damaged|impossible|unpacks to|size behind/,
      `${length} bytes`,
    );
});
