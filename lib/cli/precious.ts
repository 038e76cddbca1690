// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Files of a kernel tree that no report replaces, by their names and by how they
// begin.

import { closeSync, statSync } from 'node:fs';
import { openRegular, readInto } from './guard.js';

/** How objects, archives, bitcode, boot images and what was compressed begin: ELF, ar, LLVM, PE, gzip, xz, zstd. */
const MAGICS = [
  '\x7fELF',
  '!<arch>\n',
  '!<thin>\n',
  'BC\xc0\xde',
  'MZ',
  '\x1f\x8b',
  '\xfd7zXZ',
  '\x28\xb5\x2f\xfd',
];

/** Names that a kernel tree has and a report never has. */
const SOURCE_NAME =
  /(\.(c|h|S|s|o|a|ko|lds|conf|cmd|mk|rs|sh|pl|py|dtsi?)|(^|\/)(Makefile|Kbuild|Kconfig|\.config)[^/]*)$/;

/** Whether there is a file (an absolute path) that is an object, an archive, an image, or by its name a source. */
export const isPrecious = (path: string): boolean => {
  try {
    if (!statSync(path).isFile()) return false;
    if (SOURCE_NAME.test(path)) return true;
    const { descriptor } = openRegular(path);
    const magic = Buffer.alloc(8);
    readInto(descriptor, magic, 0);
    closeSync(descriptor);
    const begin = magic.toString('latin1');
    return MAGICS.some((one) => begin.startsWith(one));
  } catch {
    return false;
  }
};
