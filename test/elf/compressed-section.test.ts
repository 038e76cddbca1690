// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { unpackWith } from '../../lib/elf/compressed-section.js';
import { SHF } from '../../lib/elf/vocabulary.js';
import { build, open, sectionOf } from '../support/objects.js';
import { compile, inFolder, run, runOn, without } from '../support/tools.js';

const plain = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(50));

/** [gABI "Compression Header"] */
const withChdr = (type: number, size: number, packed: Uint8Array): Buffer => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(type, 0);
  header.writeBigUInt64LE(BigInt(size), 8);
  header.writeBigUInt64LE(1n, 16);
  return Buffer.concat([header, packed]);
};

/** The older GNU form: "ZLIB" and a big-endian size. */
const withGnuHeader = (size: number, packed: Uint8Array, magic = 'ZLIB'): Buffer => {
  const header = Buffer.alloc(12);
  header.write(magic, 'latin1');
  header.writeBigUInt64BE(BigInt(size), 4);
  return Buffer.concat([header, packed]);
};

const contentsOf = async (name: string, flags: number, bytes: Buffer): Promise<Buffer> => {
  const object = await build({ sections: [{ name, flags, items: [{ bytes }] }] });
  const section = sectionOf(object, name);
  const contents = Buffer.from(object.contents(section));
  if (object.sizeOf(section) !== contents.length) throw new Error('sizeOf disagrees');
  return contents;
};

const debug = (bytes: Buffer) => contentsOf('.debug_str', SHF.COMPRESSED, bytes);
const zdebug = (bytes: Buffer) => contentsOf('.zdebug_str', 0, bytes);

t.test('zlib data are unpacked, after an Elf64_Chdr and after the older GNU header', async (t) => {
  const packed = deflateSync(plain);
  t.same(await debug(withChdr(1, plain.length, packed)), plain);
  t.same(await zdebug(withGnuHeader(plain.length, packed)), plain);
  t.same(await debug(withChdr(1, 0, deflateSync(Buffer.alloc(0)))), Buffer.alloc(0));
});

t.test('a part of a compressed section can be read', async (t) => {
  const bytes = withChdr(1, plain.length, deflateSync(plain));
  const object = await build({
    sections: [{ name: '.debug_str', flags: SHF.COMPRESSED, items: [{ bytes }] }],
  });
  const section = sectionOf(object, '.debug_str');
  t.equal(Buffer.from(object.read(section, 4, 5)).toString(), 'quick');
  t.throws(() => object.read(section, plain.length - 2, 5), /5 bytes are needed here, the section has 2250/);
});

t.test('compressed data that are damaged or lie about their size are refused', async (t) => {
  const packed = deflateSync(plain);
  await t.rejects(debug(withChdr(2, plain.length, packed)), /the compressed data are damaged/, 'not zstd');
  await t.rejects(debug(withChdr(9, plain.length, packed)), /unknown compression 9/);
  await t.rejects(debug(Buffer.alloc(23)), /too short for its header/);
  await t.rejects(debug(withChdr(1, plain.length, packed.subarray(0, 10))), /claims to unpack to|damaged/);
  await t.rejects(
    debug(withChdr(1, plain.length, Buffer.from('not deflate at all, indeed'.repeat(9)))),
    /the compressed data are damaged/,
  );
  await t.rejects(debug(withChdr(1, plain.length + 1, packed)), /unpacks to 2250 bytes, not 2251/);
  await t.rejects(
    debug(withChdr(1, plain.length - 1, packed)),
    /damaged|unpacks to/,
    'more than the header says',
  );
  await t.rejects(
    debug(withChdr(1, 2 ** 40, packed)),
    /claims to unpack to 1099511627776 bytes, which is impossible/,
  );
  await t.rejects(zdebug(withGnuHeader(plain.length, packed, 'ZLIP')), /no compression header/);
  await t.rejects(zdebug(Buffer.from('ZLIB')), /no compression header/);
});

const manyNames = Array.from({ length: 200 }, (_, index) => `int variable_${index};`).join('\n');

const packedBy = (tool: string, bytes: Uint8Array): Buffer =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'a.o'), bytes);
    run(tool, ['--compress-debug-sections=zstd', 'a.o', 'b.o'], folder);
    return readFileSync(join(folder, 'b.o'));
  });

const objcopy = (option: string, bytes: Uint8Array): Buffer =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'a.o'), bytes);
    run('aarch64-linux-gnu-objcopy', [option, 'a.o', 'b.o'], folder);
    return readFileSync(join(folder, 'b.o'));
  });

for (const [form, option] of [
  ['SHF_COMPRESSED', '-gz=zlib'],
  ['.zdebug', '-gz=zlib-gnu'],
] as const) {
  t.test(
    `${form}, made by gcc, is unpacked as by objcopy`,
    { skip: without('aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-objcopy', 'readelf') },
    async (t) => {
      const bytes = compile(manyNames, ['-g', option]);
      const object = await open(bytes);
      const section =
        object.sections.find(({ name }) => /^\.z?debug_str$/.test(name)) ?? sectionOf(object, '.debug_info');
      const isPacked = (section.flags & SHF.COMPRESSED) !== 0 || section.name.startsWith('.zdebug');
      t.ok(isPacked, section.name);
      const truth = await open(objcopy('--decompress-debug-sections', bytes));
      t.same(
        Buffer.from(object.contents(section)),
        Buffer.from(truth.contents(sectionOf(truth, section.name.replace('.z', '.')))),
      );
    },
  );
}

/** A zstd frame of many RLE blocks, each of which is 128 KiB when unpacked. */
const zstdBomb = (blocks: number): Buffer => {
  const block = (isLast: boolean): readonly number[] => {
    const header = (0x20000 << 3) | (1 << 1) | (isLast ? 1 : 0);
    return [header & 0xff, (header >> 8) & 0xff, header >> 16, 0];
  };
  const all = Array.from({ length: blocks }, (_, index) => block(index === blocks - 1));
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...all.flat()]);
};

t.test('zstd: a wrong size is refused, and an implausible one before unpacking', async (t) => {
  t.equal(
    (await debug(withChdr(2, 0x40000, zstdBomb(2)))).length,
    0x40000,
    'a small size of equal bytes is plausible',
  );
  await t.rejects(
    debug(withChdr(2, 0x40001, zstdBomb(2))),
    /claims to unpack to 262145 bytes, which is impossible/,
  );
  await t.rejects(debug(withChdr(2, 0x3ffff, zstdBomb(2))), /damaged/, 'more than the header says');
  const before = process.memoryUsage().arrayBuffers;
  await t.rejects(
    debug(withChdr(2, 0x20000 * 6000, zstdBomb(6000))),
    /more than debug information ever does/,
  );
  t.ok(process.memoryUsage().arrayBuffers - before < 1 << 26, 'nothing was unpacked');
});

t.test('Node’s own zstd decoder is limited to the expected size, and failures give null', async (t) => {
  const asked: unknown[] = [];
  const decoder = (packed: Uint8Array, options: unknown): Buffer => {
    asked.push(options);
    return Buffer.from(packed);
  };
  const bytes = Uint8Array.of(1, 2, 3);
  t.same(unpackWith(decoder, bytes, 3), bytes);
  t.same(asked, [{ maxOutputLength: 3 }], 'the output is limited');
  t.equal(unpackWith(decoder, bytes, 4), null, 'another size');
  t.equal(
    unpackWith(
      () => {
        throw new RangeError('too large');
      },
      bytes,
      3,
    ),
    null,
  );
});

for (const [tool, pack] of [
  ['llvm-objcopy-19', (bytes: Uint8Array) => packedBy('llvm-objcopy-19', bytes)],
  ['aarch64-linux-gnu-objcopy', (bytes: Uint8Array) => packedBy('aarch64-linux-gnu-objcopy', bytes)],
] as const) {
  t.test(
    `zstd sections made by ${tool} are unpacked`,
    { skip: without(tool, 'aarch64-linux-gnu-gcc') },
    async (t) => {
      const bytes = compile(manyNames, ['-g']);
      let packed: Buffer;
      try {
        packed = pack(bytes);
      } catch {
        t.pass(`SKIPPED: this ${tool} knows no zstd`);
        return;
      }
      const object = await open(packed);
      const truth = await open(bytes);
      const sections = object.sections.filter(({ flags }) => (flags & SHF.COMPRESSED) !== 0);
      t.ok(sections.length > 0);
      t.match(runOn('readelf', ['-tW'], packed), /ZSTD/);
      for (const section of sections) {
        t.same(
          Buffer.from(object.contents(section)),
          Buffer.from(truth.contents(sectionOf(truth, section.name))),
          section.name,
        );
      }
    },
  );
}
