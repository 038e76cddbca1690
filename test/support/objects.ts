// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Short helpers: from bytes to objects, sections and images.

import { memorySource } from '../../lib/elf/byte-source.js';
import { type ObjectFile, readObjectFile, type Section } from '../../lib/elf/object-file.js';
import { type Aliases, Image } from '../../lib/link/image.js';
import { buildObject, type ObjectPlan } from './object-builder.js';

export const open = (bytes: Uint8Array, path = 'test.o'): Promise<ObjectFile> =>
  readObjectFile(memorySource(path, bytes));

export const build = (plan: ObjectPlan, path = 'test.o'): Promise<ObjectFile> =>
  open(buildObject(plan), path);

export const sectionOf = (object: ObjectFile, name: string): Section => {
  const section = object.named(name);
  if (!section) throw new Error(`${object.path} has no section '${name}'`);
  return section;
};

/** The index of a symbol by its name. */
export const symbolOf = (object: ObjectFile, name: string): number => {
  for (let symbol = 0; symbol < object.symbols.count; symbol++) {
    if (object.symbols.name(symbol) === name) return symbol;
  }
  throw new Error(`${object.path} has no symbol '${name}'`);
};

export const imageOf = (
  objects: readonly ObjectFile[],
  options: { whole?: boolean; aliases?: Aliases; witnesses?: readonly ObjectFile[] } = {},
): Image =>
  new Image(objects, {
    whole: options.whole ?? false,
    aliases: options.aliases ?? new Map(),
    witnesses: () => options.witnesses ?? [],
  });
