// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The zstd decoder, against files of zstd 1.5 and files that were crafted to do harm.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { mostUnpacked, unpackZstd } from '../../lib/elf/zstd.js';
import { fseTable, readHuffmanTable } from '../../lib/elf/zstd-entropy.js';
import { cuts, flips } from '../support/damage.js';
import { inFolder, run, without } from '../support/tools.js';

const lines = Buffer.from(
  Array.from({ length: 60 }, (_, index) => `line ${(index * 7919) % 1000} of ${index}\n`).join(''),
);

/** The lines, packed by zstd --no-check at some levels, in base64. */
const packedLines: readonly (readonly [string, string])[] = [
  [
    '-3',
    'KLUv/WByAvUGAJLMGxPAFdIBzQCW/1ullDKllPoVh8MCQV0Igxj50VMvvn/Kx5zmQn+V6801D/269u66RyxTU1kt/TKLWbbDJXfOCzscsYhTPDuORVInnj/KxoxGhDrXOLZRqw2J77QW769bRjofUmm1CoYQBjEEwECAQHWoICK7b4CTlOwQIK18X6YOJIYgBzCQQFUSC2QqjI1M7oLCaUkSAArJKK5ItFeiReqLTQNH5nq0kQkiQGFg0hmZXAiFsbysacldyaRAoEkY5XlEWghwZKwQwMuGj4WC7zf4GCj4GIMGIq9iCg==',
  ],
  [
    '-19',
    'KLUv/WByAnUGAMJPIRDQVw5UoAuOkTLJJFMKLFGMgHJgcAiMJEZf6siILZbh9HESfTUUDletxO2tjZy2K1PpZ1J59QmJeU2IyHpHyJ7JCHuWFLIiicZd8xD7dzRSZL9k3HekcVUMBrU2QhS/nJG4TZcZ6qVIXEUsarWT6L6Vkdkuy3x6n1RarQARGBwCERAYCIV1qBB49PoG0BcOECjND+1gOUshV4Iq5t0Rwy9bDOo0JfATpLldnFE2UZ5ZAb5vMSolREm+rM4ATpAIhIKCYXQY4yDS8SlT',
  ],
];
/** 300 zeros, by zstd -3. */
const packedZeros = 'KLUv/WAsAE0AABAAAAEAJyrAAg==';

const from = (text: string): Buffer => Buffer.from(text, 'base64');
const unpacked = (bytes: Uint8Array, size: number): Buffer | null => {
  const found = unpackZstd(bytes, size);
  return found && Buffer.from(found);
};

/** A frame without content size, checksum or dictionary. Blocks: type, Block_Size, and the bytes that are stored. */
const frame = (
  ...blocks: readonly (readonly [type: number, size: number, stored: readonly number[]])[]
): Buffer =>
  Buffer.from([
    ...[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58],
    ...blocks.flatMap(([type, size, stored], index) => {
      const header = (size << 3) | (type << 1) | (index === blocks.length - 1 ? 1 : 0);
      return [header & 0xff, (header >> 8) & 0xff, header >> 16, ...stored];
    }),
  ]);
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;
const ascii = (text: string): readonly number[] => [...Buffer.from(text)];

t.test('files that zstd made are unpacked', async (t) => {
  for (const [level, text] of packedLines) {
    t.same(unpacked(from(text), lines.length), lines, level);
    t.equal(mostUnpacked(from(text)), 0x20000, 'one block');
  }
  t.same(unpacked(from(packedZeros), 300), Buffer.alloc(300));
});

t.test('several frames are joined, and skippable frames are skipped', async (t) => {
  const [[, text = ''] = []] = packedLines;
  const skipped = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const both = Buffer.concat([skipped, from(text), skipped, from(packedZeros)]);
  t.same(unpacked(both, lines.length + 300), Buffer.concat([lines, Buffer.alloc(300)]));
  t.same(unpacked(Buffer.alloc(0), 0), Buffer.alloc(0));
});

t.test('raw and RLE blocks are unpacked', async (t) => {
  const bytes = frame([RAW, 2, ascii('ab')], [RLE, 70_000, ascii('c')], [RAW, 0, []]);
  t.same(unpacked(bytes, 70_002), Buffer.from(`ab${'c'.repeat(70_000)}`));
  t.equal(mostUnpacked(bytes), 70_002);
});

t.test('data of another size than expected give null', async (t) => {
  for (const [, text] of packedLines) {
    for (const size of [0, 1, lines.length - 1, lines.length + 1]) t.equal(unpacked(from(text), size), null);
  }
});

t.test('a frame that breaks a rule of the format gives null', async (t) => {
  const wrong: readonly (readonly [string, Buffer])[] = [
    ['another format', Buffer.from('nothing of the kind')],
    ['a dictionary', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 7, 1, 0, 0])],
    ['a reserved bit', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x08, 0x58, 1, 0, 0])],
    ['a reserved type of block', frame([3, 1, [0]])],
    ['a block that is too large', frame([RLE, 0x20001, [0]])],
    ['no last block', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])],
    ['a match before the start', frame([COMPRESSED, 9, [0x08, 97, 1, 0x54, 0, 0, 0, 0x00, 0x80]])],
    ['a repeated table without an earlier one', frame([COMPRESSED, 4, [0x08, 97, 1, 0xfc]])],
    ['repeated Huffman codes without earlier ones', frame([COMPRESSED, 4, [0x13, 0x40, 0, 0]])],
  ];
  for (const [what, bytes] of wrong) t.equal(unpacked(bytes, 1), null, what);
});

t.test('damaged data give null or data of the expected size, and never throw', async (t) => {
  for (const [, text] of packedLines) {
    for (const { what, bytes } of [...cuts(from(text)), ...flips(from(text), 1, [0x01, 0x80, 0xff])]) {
      const found = unpacked(bytes, lines.length);
      if (found !== null && found.length !== lines.length) t.fail(what);
    }
  }
  t.pass('nothing was thrown');
});

t.test('tables that would never end, and blocks that would take long, are refused', async (t) => {
  // Every state has the same weight, so that the next state takes no bits.
  const endless = Buffer.from([4, 0xf0, 0x03, 0xff, 0xff]);
  t.throws(() => readHuffmanTable(endless), /damaged/);
  t.throws(() => readHuffmanTable(Buffer.from([200])), /damaged/, 'cut off');
  t.same(
    fseTable(
      5,
      Array.from({ length: 32 }, () => -1),
    ).bits,
    new Uint8Array(32).fill(5),
    'all of probability less than 1',
  );
  // Many sequences in a few bytes, each of which would write 64 KiB.
  const many = frame([COMPRESSED, 12, [0x08, 97, 0xff, 0xff, 0xff, 0x54, 0, 0, 52, 0xff, 0xff, 0xff]]);
  const begin = process.cpuUsage().user;
  t.equal(unpacked(Buffer.concat(Array.from({ length: 200 }, () => many)), 1 << 24), null);
  t.ok(process.cpuUsage().user - begin < 2_000_000, 'within two seconds');
});

t.test(
  'files that the installed zstd packs are unpacked, at each level',
  { skip: without('zstd') },
  async (t) => {
    const random = Buffer.from(
      Array.from({ length: 3000 }, (_, index) => (index * index * 2654435761) >>> 24),
    );
    const samples: readonly (readonly [string, Buffer])[] = [
      ['lines', Buffer.from(lines.toString().repeat(300))],
      ['code', readFileSync(process.execPath).subarray(0, 600_000)],
      ['random', random],
      ['zeros', Buffer.alloc(500_000)],
      ['nothing', Buffer.alloc(0)],
      ['two', Buffer.from('ab')],
    ];
    for (const [name, bytes] of samples) {
      for (const level of ['-1', '-3', '-12', '-19', '--fast=5']) {
        const packed = inFolder((folder) => {
          writeFileSync(join(folder, 'x'), bytes);
          run('zstd', ['-q', level, 'x', '-o', 'y'], folder);
          return readFileSync(join(folder, 'y'));
        });
        t.ok(unpacked(packed, bytes.length)?.equals(bytes), `${name} ${level}`);
        t.ok((mostUnpacked(packed) ?? -1) >= bytes.length, 'mostUnpacked() is an upper bound');
      }
    }
  },
);
