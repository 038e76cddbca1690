// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The other half of a kernel whose symbols were taken off: named by --debug-file,
// or where debuggers look for it.

import { dirname, join } from 'node:path';
import { FormatError } from '../elf/format-error.js';
import { type ObjectFile, readObjectFile } from '../elf/object-file.js';
import { buildIdOf, debugLinkOf, hasCode, hasSymbols, joined } from '../linked/debug-file.js';
import type { Files } from './files.js';
import { isTooLong } from './guard.js';

/** Where distributions install debug files. */
const DEBUG_ROOT = '/usr/lib/debug';

/** A linked image with symbols and contents. Throws FormatError where one of them cannot be had. */
export const completeImage = async (
  file: ObjectFile,
  files: Files,
  named: string | null,
): Promise<ObjectFile> => {
  const [isDebug, isImage] = [hasSymbols(file), hasCode(file)];
  if (isDebug && isImage) return file;
  const refuse = (sentence: string): never => {
    throw new FormatError(file.path, null, 0, sentence);
  };
  if (!isDebug && !isImage) refuse('a linked image without code and without symbols');
  const path = named ?? (isDebug ? null : debugFileOf(file, files));
  if (path === null) {
    return refuse(
      isDebug
        ? 'a debug file: the contents of its code were taken off; give the image that they are in too (--debug-file)'
        : 'a linked image without symbols, so where its hyp code is cannot be told; give its debug file too (--debug-file)',
    );
  }
  const other = await readObjectFile(named === null ? files.openRegular(path) : files.open(path));
  if (hasSymbols(other) === isDebug && hasCode(other) === isImage)
    refuse(`'${path}' lacks what this file lacks (--debug-file)`);
  return isDebug ? joined(file.path, other, file) : joined(file.path, file, other);
};

/** As debuggers look: by the build's identity, then by the name that the image gives. */
const debugFileOf = (file: ObjectFile, files: Files): string | null => {
  const id = buildIdOf(file);
  const link = debugLinkOf(file);
  const folder = dirname(files.absolute(file.path));
  const places = [
    ...(id === null ? [] : [join(DEBUG_ROOT, '.build-id', id.slice(0, 2), `${id.slice(2)}.debug`)]),
    ...(link === null || isTooLong(link)
      ? []
      : [join(folder, link), join(folder, '.debug', link), join(DEBUG_ROOT, folder, link)]),
  ];
  return places.find((path) => path !== files.absolute(file.path) && files.exists(path)) ?? null;
};
