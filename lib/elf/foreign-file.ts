// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Files that are often mistaken for objects, by their first bytes: what each is, and
// the command that makes something that can be checked. A kernel is installed under
// many names (vmlinuz, Image, zImage) and modules are compressed, so names tell
// nothing.
//
// An arm64 boot image has no sections and no symbols, so it does not tell where hyp
// code is. [Documentation/arch/arm64/booting.rst: "ARM\x64" at byte 56;
// drivers/firmware/efi/libstub/zboot-header.S: "zimg" at byte 4, the compression
// at byte 24]

import { type ByteSource, memorySource } from './byte-source.js';

/** Bytes that tell what a file is: up to the farthest magic in the table, except that of a tar archive. */
const HEAD = 0x210;

interface ForeignFile {
  /** Texts, and the bytes at which they stand. */
  readonly magic: readonly (readonly [at: number, text: string])[];
  /** What to say about it; `detail`: text from the file itself. */
  readonly sentence: (path: string, detail: string) => string;
  /** Where that text stands; it ends with NUL. */
  readonly detailAt?: number;
}

const BITCODE = 'LLVM bitcode, not an object: check vmlinux.o, after LTO code generation';
const USE_VMLINUX = 'check the vmlinux or vmlinux.o it was made from';

/** A name as a shell takes it. */
const quoted = (path: string): string =>
  /^[\w./+,:@%=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** A compressed module or kernel. */
const packed =
  (format: string, command: string): ForeignFile['sentence'] =>
  (path) =>
    /\.ko\.\w+$/.test(path)
      ? `a module compressed with ${format}: unpack it (${command} ${quoted(path)})`
      : `${format} data, not an object: unpack it (${command} ${quoted(path)}); if that is a boot image, ${USE_VMLINUX}`;

/** The first row whose magic is there decides. */
const rows: readonly ForeignFile[] = [
  { magic: [[0, 'BC\xc0\xde']], sentence: () => BITCODE },
  { magic: [[0, '\xde\xc0\x17\x0b']], sentence: () => BITCODE },
  {
    magic: [
      [0, 'MZ'],
      [4, 'zimg'],
    ],
    detailAt: 24,
    sentence: (_path, compression) =>
      `an EFI zboot image (a kernel compressed with ${compression}), not an object: ${USE_VMLINUX}`,
  },
  {
    magic: [[56, 'ARM\x64']],
    sentence: () =>
      `an arm64 boot image, code without sections and symbols, so where its hyp code is cannot be told: ${USE_VMLINUX}`,
  },
  { magic: [[0x202, 'HdrS']], sentence: () => 'a bzImage, a kernel for x86; only AArch64 ELF64 is checked' },
  { magic: [[0, 'MZ']], sentence: () => `a boot image, not an object: ${USE_VMLINUX}` },
  { magic: [[0, '\xfd7zXZ\0']], sentence: packed('xz', 'xz -dk') },
  { magic: [[0, '\x28\xb5\x2f\xfd']], sentence: packed('zstd', 'zstd -d') },
  { magic: [[0, '\x02\x21\x4c\x18']], sentence: packed('lz4', 'lz4 -dk') },
  { magic: [[0, '\x04\x22\x4d\x18']], sentence: packed('lz4', 'lz4 -dk') },
  { magic: [[0, 'BZh']], sentence: packed('bzip2', 'bzip2 -dk') },
  { magic: [[0, '\x5d\0\0']], sentence: packed('lzma', 'xz -dk --format=lzma') },
  { magic: [[0, '\x89LZO']], sentence: packed('lzo', 'lzop -dk') },
  {
    magic: [[0, '!<arch>\ndebian-binary']],
    sentence: (path) =>
      `a Debian package: unpack it (dpkg-deb -x ${quoted(path)} FOLDER) and name the files in it`,
  },
  {
    magic: [[0, '\xed\xab\xee\xdb']],
    sentence: (path) =>
      `an RPM package: unpack it (rpm2cpio ${quoted(path)} | cpio -id) and name the files in it`,
  },
  { magic: [[0, '070701']], sentence: () => 'a cpio archive: unpack it and name the files in it' },
  {
    magic: [[257, 'ustar']],
    sentence: (path) => `a tar archive: unpack it (tar -xf ${quoted(path)}) and name the files in it`,
  },
];

/** What to say about a file that is not an object; null if it is of no known kind. One sentence, no full stop. */
export const foreignFile = (source: ByteSource): string | null => {
  const head = Buffer.from(source.read(0, HEAD).buffer).toString('latin1');
  const row = rows.find(({ magic }) => magic.every(([at, text]) => head.startsWith(text, at)));
  if (!row) return null;
  const detail = row.detailAt === undefined ? '' : (/^[\w.-]+/.exec(head.slice(row.detailAt))?.[0] ?? '');
  return row.sentence(source.path, detail === '' ? 'an unknown program' : detail);
};

/** The same for the contents of an unpacked file, which has no name of its own. */
export const foreignContents = (path: string, bytes: Uint8Array): string | null =>
  foreignFile(memorySource(path, bytes));
