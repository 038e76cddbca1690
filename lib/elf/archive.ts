// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Archives: ordinary ones, which contain their members, and thin ones, which only
// hold paths. Linux links through thin archives of thin archives; up to 4.16 they
// are called built-in.o and kvm.o, so the first eight bytes decide, never the
// name. Paths in a thin archive are relative to its folder. A nested thin archive
// either has its members listed in the outer one (GNU ar flattens) or is a member
// itself. [System V and GNU ar formats: a 60-byte header, decimal fields, even
// alignment]

import { type ByteSource, memorySource, readExactly, subSource } from './byte-source.js';
import { FormatError } from './format-error.js';

const HEADER_SIZE = 60;
const MAGIC_SIZE = 8;

export type ArchiveMember =
  /** The member's bytes are in the archive. */
  | { readonly kind: 'inside'; readonly name: string; readonly source: ByteSource }
  /** A member of a thin archive: a path, absolute or relative to the archive's folder. */
  | { readonly kind: 'path'; readonly name: string };

const magicOf = (source: ByteSource): string => String.fromCharCode(...source.read(0, MAGIC_SIZE));

export const isArchive = (source: ByteSource): boolean =>
  ['!<arch>\n', '!<thin>\n'].includes(magicOf(source));

/** Bytes of a thin archive that is read at once; that of all of a kernel has a third of it. */
const THIN_AT_ONCE = 2 ** 20;

/** The members in file order, without symbol indexes and name tables. */
export const readArchive = (given: ByteSource): readonly ArchiveMember[] => {
  const thin = magicOf(given) === '!<thin>\n';
  // It has headers and names alone.
  const source =
    thin && given.size <= THIN_AT_ONCE
      ? memorySource(given.path, readExactly(given, 0, given.size, 'the archive'))
      : given;
  const members: ArchiveMember[] = [];
  let longNames: Buffer | null = null;
  let at = MAGIC_SIZE;
  while (at < source.size) {
    const start = at;
    const fail = (sentence: string): never => {
      throw new FormatError(source.path, null, start, sentence);
    };
    const header = Buffer.from(readExactly(source, at, HEADER_SIZE, 'an archive member header').buffer);
    if (header.toString('latin1', 58, 60) !== '`\n') fail('an archive member header is damaged');
    const rawName = header.toString('latin1', 0, 16).trimEnd();
    const sizeText = header.toString('latin1', 48, 58).trim();
    if (!/^\d+$/.test(sizeText)) fail(`an archive member has the size '${sizeText}'`);
    const size = Number(sizeText);
    at += HEADER_SIZE;
    if (rawName === '/' || rawName === '/SYM64/') {
      at += size + (size % 2);
      continue;
    }
    if (rawName === '//') {
      longNames = Buffer.from(readExactly(source, at, size, "the archive's table of names").buffer);
      at += size + (size % 2);
      continue;
    }
    const name =
      memberName(rawName, longNames) ?? fail(`an archive member's name '${rawName}' leads nowhere`);
    if (thin) {
      members.push({ kind: 'path', name });
      continue;
    }
    if (at + size > source.size) fail(`archive member '${name}' reaches past the end of the file`);
    members.push({ kind: 'inside', name, source: subSource(source, `${source.path}(${name})`, at, size) });
    at += size + (size % 2);
  }
  return members;
};

/** "name/" is short; "/123" (or "/123   /") is an offset into the table of long names, whose entries end in "/\n". */
const memberName = (raw: string, longNames: Buffer | null): string | null => {
  const long = /^\/(\d+)(?::\d+)?\s*\/?$/.exec(raw);
  if (!long) return raw.endsWith('/') ? raw.slice(0, -1) : raw || null;
  if (!longNames) return null;
  const start = Number(long[1]);
  if (start >= longNames.length) return null;
  const end = longNames.indexOf('\n', start);
  const text = longNames.toString('utf8', start, end < 0 ? longNames.length : end);
  return text.endsWith('/') ? text.slice(0, -1) : text;
};
