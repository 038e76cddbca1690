// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From the words of the command line to objects: archives are opened, thin ones
// followed. One bad file does not stop the rest: it becomes a fault.

import { dirname, isAbsolute, join } from 'node:path';
import { isArchive, readArchive } from '../elf/archive.js';
import type { ByteSource } from '../elf/byte-source.js';
import { FormatError, formatErrorOf } from '../elf/format-error.js';
import { type ObjectFile, readObjectFile } from '../elf/object-file.js';
import { ET } from '../elf/vocabulary.js';
import type { Files } from './files.js';

export interface Inputs {
  readonly objects: readonly ObjectFile[];
  /** The paths, of those that were asked for, that led to relocatable objects. */
  readonly fruitful: ReadonlySet<string>;
  /** Inputs that could not be read. */
  readonly faults: readonly FormatError[];
}

/** Archives within archives, deeper than any kernel's. */
const MAX_DEPTH = 12;

/** `named`: by a person, so that it may be a stream; else by the layout of a build directory. */
export const loadInputs = async (files: Files, paths: readonly string[], named: boolean): Promise<Inputs> => {
  const objects: ObjectFile[] = [];
  const faults: FormatError[] = [];
  const fruitful = new Set<string>();
  const seen = new Set<string>();

  const guarded = async (path: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const fault = formatErrorOf(error, path);
      if (!fault) throw error;
      faults.push(fault);
    }
  };
  const load = async (source: ByteSource, depth: number): Promise<void> => {
    if (!isArchive(source)) {
      const object = await readObjectFile(source);
      // The objects of a link look names up in each other; one that has no readable ones is no part of it.
      object.requireSymbols();
      objects.push(object);
      return;
    }
    if (depth > MAX_DEPTH) throw new FormatError(source.path, null, 0, 'archives are nested too deeply');
    const members = readArchive(source);
    if (members.length === 0 && depth === 0)
      throw new FormatError(source.path, null, 0, 'the archive is empty');
    for (const member of members) {
      await guarded(source.path, async () => {
        if (member.kind === 'inside') return load(member.source, depth + 1);
        // The paths in a thin archive are relative to its folder; Kbuild's ar also writes ones relative to the build.
        const beside = join(dirname(source.path), member.name);
        const path = isAbsolute(member.name) || !files.exists(beside) ? member.name : beside;
        return loadPath(files.exists(path) ? path : beside, depth + 1);
      });
    }
  };
  const loadPath = async (path: string, depth: number): Promise<void> => {
    const absolute = files.absolute(path);
    if (seen.has(absolute)) return;
    seen.add(absolute);
    await load(named && depth === 0 ? files.open(path) : files.openRegular(path), depth);
  };

  for (const path of paths) {
    const before = objects.length;
    await guarded(path, () => loadPath(path, 0));
    if (objects.slice(before).some(({ type }) => type === ET.REL)) fruitful.add(path);
  }
  return { objects, fruitful, faults };
};
