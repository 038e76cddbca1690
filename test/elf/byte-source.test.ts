// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { memorySource, readExactly, subSource, withStart, wordsOf } from '../../lib/elf/byte-source.js';

const source = memorySource('a.bin', new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));

t.test('a read past the end gives the bytes that there are, aligned for 32-bit views', async (t) => {
  t.same([...source.read(8, 4)], [8, 9]);
  t.same([...source.read(20, 4)], []);
  t.equal(source.read(3, 4).byteOffset, 0, 'aligned at any offset');
});

t.test('readExactly() gives all bytes, or a FormatError that says what is missing', async (t) => {
  t.same([...readExactly(source, 2, 3, 'a thing')], [2, 3, 4]);
  t.throws(() => readExactly(source, 8, 4, 'a thing'), {
    message: 'a.bin+0x8: a thing (4 bytes) reaches past the end of the file (10 bytes)',
  });
  for (const [offset, length] of [
    [-1, 2],
    [0, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [0, Infinity],
  ] as const) {
    t.throws(() => readExactly(source, offset, length, 'x'), /reaches past/, `${offset} ${length}`);
  }
  const shrunk = { ...source, read: () => new Uint8Array(1) };
  t.throws(
    () => readExactly(shrunk, 0, 4, 'a thing'),
    /a thing could not be read whole: the file became shorter/,
  );
});

t.test('a part of a source has its own path, and no bytes outside the part', async (t) => {
  const part = subSource(source, 'a.a(b.o)', 2, 4);
  t.equal(part.path, 'a.a(b.o)');
  t.equal(part.size, 4);
  t.same([...part.read(0, 10)], [2, 3, 4, 5]);
  t.same([...part.read(3, 2)], [5]);
  t.same([...part.read(9, 2)], []);
  t.throws(() => readExactly(part, 2, 4, 'x'), /\(4 bytes\)/);
});

t.test('wordsOf() reads little-endian words, and drops an incomplete last one', async (t) => {
  t.same([...wordsOf(source.read(0, 10))], [0x03020100, 0x07060504]);
  t.same([...wordsOf(new Uint8Array(3))], []);
});

t.test('the first bytes are read once', async (t) => {
  const large = memorySource(
    'b.bin',
    Uint8Array.from({ length: 100 }, (_, index) => index),
  );
  const asked: string[] = [];
  const counted = withStart({
    path: large.path,
    size: large.size,
    read: (offset, length, into) => {
      asked.push(`${offset}+${length}`);
      return large.read(offset, length, into);
    },
  });
  t.same([...counted.read(0, 3)], [0, 1, 2]);
  t.same([...counted.read(62, 2)], [62, 63]);
  const bytes = counted.read(4, 4);
  t.equal(bytes.byteOffset, 0);
  bytes.fill(0);
  t.same([...counted.read(4, 4)], [4, 5, 6, 7], 'each time an array of its own');
  t.same(asked.splice(0), ['0+64']);
  t.same([...counted.read(62, 3)], [62, 63, 64]);
  t.same([...counted.read(98, 4)], [98, 99]);
  t.same(asked, ['62+3', '98+4']);
  t.same([...withStart(source).read(8, 4)], [8, 9], 'of a short file what there is');
});
