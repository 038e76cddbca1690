// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Shared by the tests of lib/dwarf: objects from files, and frames as llvm-symbolizer
// prints them (a line with the function, a line with file:line:column, an empty line
// after each address).

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFrame, SourceLocator } from '../../lib/dwarf/source-locator.js';
import { memorySource } from '../../lib/elf/byte-source.js';
import { type ObjectFile, readObjectFile, type Section } from '../../lib/elf/object-file.js';

export const objectsFolder = join(import.meta.dirname, 'objects');

export const openObject = (path: string): Promise<ObjectFile> =>
  readObjectFile(memorySource(path, readFileSync(path)));

export const sectionOf = (object: ObjectFile, name: string): Section => {
  const section = object.named(name);
  if (!section) throw new Error(`${object.path} has no section ${name}`);
  return section;
};

/** A frame as `function file:line:column`. */
export const frameText = (frame: SourceFrame): string =>
  `${frame.function ?? '??'} ${frame.file}:${frame.line}:${frame.column}`;

/** Without line and column the file is dropped: llvm-symbolizer has none there, the locator has the unit's. */
const placeless = (frame: string): string => frame.replace(/ \S+:0:0$/, ' nothing');

/** The frames of one address, two lines each, on one line. */
const framesOf = (group: string): string => {
  const lines = group.split('\n');
  return lines
    .flatMap((line, index) => (index % 2 === 0 ? [`${line} ${lines[index + 1]}`] : []))
    .map(placeless)
    .join(' < ');
};

/** llvm-symbolizer's answers, one string for each address. */
export const parseFrames = (text: string): readonly string[] =>
  text
    .replace(/^#.*\n/, '')
    .trimEnd()
    .split('\n\n')
    .map(framesOf);

/** The locator's frames at every fourth byte of a section, in the same form. */
export const locatedFrames = (
  locator: SourceLocator,
  section: Section,
  start = 0,
  end = section.size,
): readonly string[] => {
  const found: string[] = [];
  for (let offset = start; offset < end; offset += 4) {
    const { frames } = locator.framesAt(section, offset);
    found.push(frames.map(frameText).map(placeless).join(' < ') || '?? nothing');
  }
  return found;
};

/** Whether a program of this name can be started. */
export const hasTool = (name: string): boolean => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The first line of a source file, counted from 1, that matches: what debug information has to say. */
export const lineOf = (file: string, pattern: RegExp): number => {
  const line = readFileSync(join(objectsFolder, file), 'utf8')
    .split('\n')
    .findIndex((text) => pattern.test(text));
  if (line < 0) throw new Error(`${file} has no line like ${pattern}`);
  return line + 1;
};
