// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Files that are not AArch64 objects are refused, each kind with its own sentence.

import t from 'tap';
import { memorySource } from '../../lib/elf/byte-source.js';
import { readFileHeader } from '../../lib/elf/file-header.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { buildObject, code } from '../support/object-builder.js';
import { runOn, without } from '../support/tools.js';

const good = buildObject({ sections: [{ name: '.hyp.text', flags: code, items: [0xd65f03c0] }] });

/** The good object with some bytes replaced. */
const patched = (...changes: readonly (readonly [number, ...number[]])[]): Uint8Array => {
  const bytes = Uint8Array.from(good);
  for (const [at, ...values] of changes) bytes.set(values, at);
  return bytes;
};

const refusal = (bytes: Uint8Array): FormatError => {
  try {
    readFileHeader(memorySource('x.o', bytes));
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

const refusals: readonly (readonly [string, Uint8Array, RegExp, number])[] = [
  ['an empty file', new Uint8Array(0), /^the file is empty$/, 0],
  ['a text file', text('int main(void) { return 0; }\n'), /^not an ELF file$/, 0],
  ['a file of one byte', text('\x7f'), /^not an ELF file$/, 0],
  ['bitcode', text('BC\xc0\xde\x35\x14'), /^LLVM bitcode, not an object: check vmlinux\.o, after LTO/, 0],
  ['bitcode in its wrapper', text('\xde\xc0\x17\x0b\0\0\0\0'), /^LLVM bitcode/, 0],
  ['an xz file', text('\xfd7zXZ\0'), /^xz data, not an object: unpack it \(xz -dk x\.o\)/, 0],
  [
    'a cut ELF header',
    good.slice(0, 63),
    /^the ELF header \(64 bytes\) reaches past the end of the file \(63 bytes\)$/,
    0,
  ],
  [
    '32-bit ARM',
    patched([4, 1], [18, 40, 0]),
    /^an ELF32 object \(32-bit ARM\); only AArch64 ELF64 is checked$/,
    4,
  ],
  ['big-endian 32-bit ARM', patched([4, 1], [5, 2], [18, 0, 40]), /^an ELF32 object \(32-bit ARM\)/, 4],
  ['i386', patched([4, 1], [18, 3, 0]), /\(Intel 80386\)/, 4],
  [
    'big-endian AArch64',
    patched([5, 2], [18, 0, 183]),
    /^a big-endian object \(machine 183\); only little-endian AArch64/,
    5,
  ],
  ['an impossible byte order', patched([5, 7]), /^unknown byte order 7$/, 5],
  ['x86-64', patched([18, 62, 0]), /^an object for x86-64, not for AArch64$/, 18],
  ['RISC-V', patched([18, 243, 0]), /^an object for RISC-V, not for AArch64$/, 18],
  ['an unknown machine', patched([18, 0x34, 0x12]), /^an object for machine 4660, not for AArch64$/, 18],
  ['a core file', patched([16, 4, 0]), /^ELF file of type 4: not an object or a linked image$/, 16],
  ['no section headers', patched([40, 0, 0, 0, 0, 0, 0, 0, 0]), /^the file has no section headers$/, 40],
  ['an impossible e_shoff', patched([40, 0, 0, 0, 0, 0, 0, 0, 0x80]), /too large for an offset$/, 40],
  [
    'section headers of another size',
    patched([58, 40, 0]),
    /^section headers of 40 bytes, where ELF64 has 64$/,
    58,
  ],
  ['no sections', patched([60, 0, 0]), /^the file has no sections$/, Number.NaN],
  [
    'a section of names that does not exist',
    patched([62, 200, 0]),
    /^the section of names is 200, but there are \d+ sections$/,
    62,
  ],
];

for (const [what, bytes, sentence, offset] of refusals) {
  t.test(`${what} is refused`, async (t) => {
    const error = refusal(bytes);
    t.match(error.sentence, sentence);
    t.equal(error.file, 'x.o');
    if (!Number.isNaN(offset)) t.equal(error.offset, offset);
  });
}

t.test('each kind of file is refused with its own sentence', async (t) => {
  const sentences = refusals.map(([, bytes]) => refusal(bytes).sentence);
  const same = sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index);
  // The same sentence twice: text and one byte, bitcode with and without wrapper, ARM in both byte orders.
  t.equal(same.length, 3);
});

t.test(
  'the fields of a good header are those that readelf shows',
  { skip: without('readelf') },
  async (t) => {
    const header = readFileHeader(memorySource('x.o', good));
    const listing = runOn('readelf', ['-hW'], good);
    const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(listing)?.[1]);
    t.same(header, {
      type: 1,
      sectionHeaders: field('Start of section headers'),
      writtenSectionCount: field('Number of section headers'),
      sectionCount: field('Number of section headers'),
      nameSection: field('Section header string table index'),
    });
  },
);

t.test('a header that is cut off anywhere is refused', async (t) => {
  for (let length = 0; length < 64; length++) t.ok(refusal(good.slice(0, length)), String(length));
});
