// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An input that is not an object is named for what it is, with advice. The bytes of the
// first table follow the documents of the formats; those of the second are made by the
// programs themselves, if they are installed.

import { spawnSync } from 'node:child_process';
import t from 'tap';
import { memorySource } from '../../lib/elf/byte-source.js';
import { foreignFile } from '../../lib/elf/foreign-file.js';

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');
/** Pieces of text at given offsets, zeros around them. */
const at = (...pieces: readonly (readonly [number, string])[]): Uint8Array => {
  const bytes = Buffer.alloc(1024);
  for (const [offset, piece] of pieces) bytes.write(piece, offset, 'latin1');
  return bytes;
};

const rows: readonly (readonly [name: string, path: string, bytes: Uint8Array, RegExp | null])[] = [
  ['a boot image', 'Image', at([0, 'MZ']), /^a boot image, not an object: check the vmlinux or/],
  [
    'an arm64 boot image that EFI can start',
    'Image',
    at([0, 'MZ\0\x91'], [56, 'ARM\x64']),
    /^an arm64 boot image, code without sections and symbols, so where its hyp code is cannot be told: check/,
  ],
  ['an arm64 boot image', 'Image', at([0, '\0\0\x20\x14'], [56, 'ARM\x64']), /^an arm64 boot image/],
  [
    'an EFI zboot image',
    'vmlinuz.efi',
    at([0, 'MZ\0\0zimg'], [24, 'zstd22\0']),
    /^an EFI zboot image \(a kernel compressed with zstd22\), not an object: check the vmlinux/,
  ],
  [
    'an EFI zboot image of a program without a name',
    'vmlinuz.efi',
    at([0, 'MZ\0\0zimg']),
    /compressed with an unknown program/,
  ],
  ['a bzImage', 'vmlinuz', at([0, 'MZ'], [0x202, 'HdrS']), /^a bzImage, a kernel for x86/],
  [
    'a module in xz',
    'a b.ko.xz',
    text('\xfd7zXZ\0'),
    /^a module compressed with xz: unpack it \(xz -dk 'a b\.ko\.xz'\)$/,
  ],
  ['a module in zstd', 'kvm.ko.zst', text('\x28\xb5\x2f\xfd'), /^a module .* \(zstd -d kvm\.ko\.zst\)$/],
  ['a kernel in zstd', 'Image.zst', text('\x28\xb5\x2f\xfd'), /^zstd data, .* boot image, check the vmlinux/],
  ['lz4', 'Image.lz4', text('\x02\x21\x4c\x18'), /^lz4 data/],
  ['lz4 with a frame', 'Image.lz4', text('\x04\x22\x4d\x18'), /^lz4 data/],
  ['bzip2', 'Image.bz2', text('BZh9'), /^bzip2 data/],
  ['lzma', 'Image.lzma', text('\x5d\0\0\x80\0'), /^lzma data/],
  ['lzo', 'Image.lzo', text('\x89LZO\0'), /^lzo data/],
  [
    'a Debian package',
    'l.deb',
    text('!<arch>\ndebian-binary   1'),
    /^a Debian package: unpack it \(dpkg-deb -x l\.deb FOLDER\)/,
  ],
  ['an RPM package', 'l.rpm', text('\xed\xab\xee\xdb\x03'), /^an RPM package/],
  ['a cpio archive', 'initrd', text('0707010000'), /^a cpio archive/],
  ['a tar archive', 'l.tar', at([257, 'ustar\x0000']), /^a tar archive/],
  ['an ordinary archive', 'l.a', text('!<arch>\n/               '), null],
  ['a text', 'x.c', text('int x;\n'), null],
  ['nothing', 'x', text(''), null],
];
for (const [name, path, bytes, wanted] of rows) {
  t.test(`${name} is ${wanted ? 'recognised' : 'not taken for something else'}`, async (t) => {
    const said = foreignFile(memorySource(path, bytes));
    if (wanted) t.match(said ?? '', wanted);
    else t.equal(said, null);
  });
}

const programs: readonly (readonly [command: string, args: readonly string[], RegExp])[] = [
  ['xz', ['-c'], /xz -dk x/],
  ['xz', ['-c', '--format=lzma'], /xz -dk --format=lzma x/],
  ['zstd', ['-c'], /zstd -d x/],
  ['bzip2', ['-c'], /bzip2 -dk x/],
  ['lz4', ['-c'], /lz4 -dk x/],
  ['lz4', ['-lc'], /lz4 -dk x/],
  ['tar', ['-cf', '-', 'package.json'], /tar -xf x/],
];
for (const [command, args, wanted] of programs) {
  t.test(`output of ${command} ${args.join(' ')} is recognised`, async (t) => {
    const made = spawnSync(command, args, { input: 'module' });
    if (made.error) t.comment(`skipped: ${command} is not here`);
    else t.match(foreignFile(memorySource('x', made.stdout)) ?? '', wanted);
  });
}
