// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A kernel whose symbols were taken off (strip, objcopy --only-keep-debug): the
// image has the contents, the debug file the symbols and the lines, and the
// sections of one are those of the other. Together they are the file that both
// were made of. [GDB "Separate Debug Files"]

import { type ByteSource, readExactly } from '../elf/byte-source.js';
import { FormatError } from '../elf/format-error.js';
import { ObjectFile, type Section } from '../elf/object-file.js';
import { SHF, SHT } from '../elf/vocabulary.js';

/** NT_GNU_BUILD_ID. */
const BUILD_ID = 3;
const NOTE_HEADER = 12;

const isCode = ({ flags, size }: Section): boolean => (flags & SHF.EXECINSTR) !== 0 && size > 0;

export const hasSymbols = ({ sections }: ObjectFile): boolean =>
  sections.some(({ type, size }) => type === SHT.SYMTAB && size > 0);

/** Code is in it, not only told of. */
export const hasCode = ({ sections }: ObjectFile): boolean =>
  sections.some((section) => isCode(section) && section.type !== SHT.NOBITS);

/** The build's identity as hexadecimal digits, or null. */
export const buildIdOf = (file: ObjectFile): string | null => {
  for (const section of file.sections) {
    if (section.type !== SHT.NOTE) continue;
    const bytes = Buffer.from(file.contents(section).buffer);
    for (let at = 0; at + NOTE_HEADER <= bytes.length; ) {
      const [nameSize, size, type] = [0, 4, 8].map((field) => bytes.readUInt32LE(at + field));
      const name = at + NOTE_HEADER;
      const start = name + align(nameSize ?? 0);
      const end = start + (size ?? 0);
      if (end > bytes.length) break;
      if (type === BUILD_ID && bytes.toString('latin1', name, name + 3) === 'GNU')
        return bytes.toString('hex', start, end);
      at = start + align(size ?? 0);
    }
  }
  return null;
};

const align = (size: number): number => (size + 3) & ~3;

/** The name of the debug file that `.gnu_debuglink` gives, or null. */
export const debugLinkOf = (file: ObjectFile): string | null => {
  const section = file.named('.gnu_debuglink');
  if (!section) return null;
  const [name = ''] = Buffer.from(file.contents(section).buffer).toString('latin1').split('\0');
  return /^[^/]+$/.test(name) ? name : null;
};

/** The file that `image` and `debug` were made of, as `path`. Throws FormatError where they are not of one build. */
export const joined = (path: string, image: ObjectFile, debug: ObjectFile): ObjectFile => {
  const refuse = (sentence: string): never => {
    throw new FormatError(path, null, 0, `${sentence} (${path === debug.path ? image.path : debug.path})`);
  };
  const [own, other] = [buildIdOf(image), buildIdOf(debug)];
  if (own !== null && other !== null && own !== other) refuse('the debug file is another build’s');
  const sections = debug.sections.map((section): Section => {
    if (section.type !== SHT.NOBITS || (section.flags & SHF.ALLOC) === 0) return section;
    const same = image.sections.find(
      ({ name, address }) => name === section.name && address === section.address,
    );
    if (same?.size !== section.size) {
      if (section.size > 0) refuse(`section ‘${section.name}’ is another one in the debug file`);
      return section;
    }
    return { ...section, type: same.type, offset: debug.source.size + same.offset };
  });
  return new ObjectFile(behind(path, debug.source, image.source), image.type, sections);
};

/** Two sources behind each other. */
const behind = (path: string, first: ByteSource, second: ByteSource): ByteSource => ({
  path,
  size: first.size + second.size,
  read: (offset, length, into) =>
    offset >= first.size
      ? readExactly(second, offset - first.size, length, 'a section of the image', into)
      : readExactly(first, offset, length, 'a section of the debug file', into),
});
