// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From the words of the command line to objects: archives are opened, thin ones
// followed. A bad file does not stop the rest: it becomes a fault.

import { dirname, isAbsolute, join } from 'node:path';
import { isArchive, readArchive } from '../elf/archive.js';
import { type ByteSource, withStart } from '../elf/byte-source.js';
import { UnpackAllowance } from '../elf/compressed-section.js';
import { mayDefine } from '../elf/definitions.js';
import { foreignContents, foreignFile } from '../elf/foreign-file.js';
import { FormatError, formatErrorOf } from '../elf/format-error.js';
import { isGzip, unpackGzip } from '../elf/gzip.js';
import { type ObjectFile, readObjectFile } from '../elf/object-file.js';
import { ET, SHF } from '../elf/vocabulary.js';
import type { WantedNames } from '../elf/wanted-names.js';
import { linkedObject } from '../linked/linked-object.js';
import { completeImage } from './debug-files.js';
import type { Files } from './files.js';
import { isTooLong } from './guard.js';

export interface Inputs {
  readonly objects: readonly ObjectFile[];
  /** The objects of each path, without those of earlier paths. Objects in a thin archive have paths of their own. */
  readonly byPath: ReadonlyMap<string, readonly ObjectFile[]>;
  /** Inputs that could not be read. */
  readonly faults: readonly FormatError[];
}

export interface LoadOptions {
  /** The other half of an image whose symbols were taken off. */
  readonly debugFile?: string | null;
  /** Objects are passed by that define none of these names for others, and local ones do not count. */
  readonly definitions?: WantedNames | null;
  /** Others are passed by. */
  readonly isWanted?: (object: ObjectFile) => boolean;
  /** Told how many paths are read, of how many. */
  readonly progress?: ((done: number, all: number) => void) | undefined;
}

/** Nested archives: deeper than in any kernel. */
const MAX_DEPTH = 12;

/**
 * `named`: by the user, so it may be a stream; otherwise by the layout of a build directory. What is not wanted is left out
 * as soon as its sections are known.
 */
export const loadInputs = async (
  files: Files,
  paths: readonly string[],
  named: boolean,
  { debugFile = null, progress, definitions = null, isWanted = () => true }: LoadOptions = {},
): Promise<Inputs> => {
  const objects: ObjectFile[] = [];
  const faults: FormatError[] = [];
  const byPath = new Map<string, readonly ObjectFile[]>();
  const seen = new Set<string>();
  /** Archives that are being read, the outermost first. */
  const around: string[] = [];
  const allowance = new UnpackAllowance();
  /** What an earlier input contained, and what is not wanted. */
  let passedBy = 0;

  const guarded = async (path: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const fault = formatErrorOf(error, path);
      if (!fault) throw error;
      faults.push(fault);
    }
  };
  const load = async (whole: ByteSource, depth: number): Promise<void> => {
    const given = withStart(whole);
    const source = isGzip(given)
      ? unpackGzip(given, (start) => foreignContents(given.path, start), allowance)
      : given;
    const isPackage = isArchive(source) && foreignFile(source) !== null;
    if (!isArchive(source) || isPackage) {
      const isPassedBy = definitions !== null && !mayDefine(source, definitions);
      const file = isPassedBy ? null : await readObjectFile(source, allowance);
      if (!file || !isWanted(file)) {
        passedBy++;
        return;
      }
      const object = file.type === ET.REL ? file : linkedObject(await completeImage(file, files, debugFile));
      // Objects of a link look names up in each other; one without readable symbols is no part of it.
      object.requireSymbols(definitions !== null);
      const isSlim = isIntermediate(object);
      if (!isSlim || hasCode(object)) objects.push(object);
      if (isSlim) throw new FormatError(source.path, null, 0, INTERMEDIATE);
      return;
    }
    if (depth > MAX_DEPTH) throw new FormatError(source.path, null, 0, 'archives are nested too deeply');
    const members = readArchive(source);
    if (members.length === 0 && depth === 0)
      throw new FormatError(source.path, null, 0, 'the archive is empty');
    for (const member of members) {
      await guarded(source.path, async () => {
        if (member.kind === 'inside') return load(member.source, depth + 1);
        // Paths in a thin archive are relative to its folder; Kbuild's ar also writes some relative to the build.
        if (isTooLong(member.name))
          throw new FormatError(source.path, null, 0, 'a member with too long a name');
        const beside = join(dirname(source.path), member.name);
        const isBeside = !isAbsolute(member.name) && files.exists(beside);
        return loadPath(!isBeside && files.exists(member.name) ? member.name : beside, depth + 1);
      });
    }
  };
  const loadPath = async (path: string, depth: number): Promise<void> => {
    const absolute = files.absolute(path);
    if (around.includes(absolute)) throw new FormatError(path, null, 0, 'the archive holds itself');
    if (seen.has(absolute)) {
      passedBy++;
      return;
    }
    seen.add(absolute);
    around.push(absolute);
    try {
      const source = named && depth === 0 ? files.open(path) : files.openRegular(path);
      allowance.add(source.size);
      await load(source, depth);
    } finally {
      around.pop();
    }
  };

  for (const [index, path] of paths.entries()) {
    progress?.(index, paths.length);
    const before = { objects: objects.length, faults: faults.length, passedBy };
    await guarded(path, () => loadPath(path, 0));
    const given = objects.slice(before.objects);
    if (given.length > 0) byPath.set(path, given);
    else if (faults.length === before.faults && passedBy === before.passedBy)
      faults.push(new FormatError(path, null, 0, 'the archive holds no object'));
  }
  return { objects, byPath, faults };
};

const INTERMEDIATE =
  "GCC's intermediate code (-flto), not machine code: check vmlinux.o, after LTO code generation";

/** The marker of a slim object up to gcc 9. */
const SLIM_SYMBOL = '__gnu_lto_slim';
/** Where gcc 10 and later keep it: a byte of the section's header. */
const SLIM_SECTION = '.gnu.lto_.lto.';
const SLIM_OFFSET = 4;

/** Whether any of an object is gcc's intermediate code without machine code (which `-ffat-lto-objects` adds). */
const isIntermediate = (object: ObjectFile): boolean => {
  const sections = object.sections.filter(({ name }) => name.startsWith('.gnu.lto_'));
  if (sections.length === 0) return false;
  const headers = sections.filter(({ name, size }) => name.startsWith(SLIM_SECTION) && size > SLIM_OFFSET);
  return (
    headers.some((header) => object.read(header, SLIM_OFFSET, 1)[0] !== 0) ||
    object.symbols.withPrefix(SLIM_SYMBOL).length > 0
  );
};

/** `ld -r` of slim and other objects results in both. */
const hasCode = (object: ObjectFile): boolean =>
  object.sections.some(({ flags, size }) => (flags & SHF.EXECINSTR) !== 0 && size > 0);
