// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Copies an object and redirects calls of hyp code to host functions: relocations of
// `bl` in .rela.hyp.text get another symbol, each a different one, alternating between
// local and global functions, so that each is a separate finding at a line of its own.
// The targets are in the first half of .text, because in an object made by
// large-object.ts the debug information does not reach further.

import { closeSync, constants, copyFileSync, openSync, writeSync } from 'node:fs';
import { readBytes, readElfImage, sectionNamed, WORDS, wordsOf } from './elf-image.js';

const R_AARCH64_CALL26 = 283;
const STB_LOCAL = 0;
const STB_GLOBAL = 1;
const STT_FUNC = 2;

/** Copies `from` to `to` and plants `count` calls. */
export const plantCalls = (from: string, to: string, count: number): void => {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  const file = openSync(to, 'r+');
  try {
    const image = readElfImage(file);
    const text = sectionNamed(image, '.text');
    const table = sectionNamed(image, '.symtab');
    const symbols = wordsOf(readBytes(file, table.offset, table.size));
    const hosts: [number[], number[]] = [[], []];
    for (let at = 0; at < symbols.length; at += WORDS) {
      const info = symbols[at + 1] ?? 0;
      const binding = (info >>> 4) & 0xf;
      if ((info & 0xf) !== STT_FUNC || info >>> 16 !== text.index) continue;
      if ((symbols[at + 2] ?? 0) >= text.size / 2) continue;
      if (binding === STB_LOCAL || binding === STB_GLOBAL) hosts[binding].push(at / WORDS);
    }
    const rela = sectionNamed(image, '.rela.hyp.text');
    const relocations = wordsOf(readBytes(file, rela.offset, rela.size));
    const calls: number[] = [];
    for (let at = 0; at < relocations.length; at += WORDS) {
      if (relocations[at + 2] === R_AARCH64_CALL26) calls.push(at);
    }
    const pick = (list: readonly number[], number: number): number =>
      list[Math.floor(((number + 0.5) * list.length) / count)] ?? 0;
    if (calls.length < count || hosts.some((list) => list.length < count))
      throw new Error('too few calls or functions');
    for (let number = 0; number < count; number++) {
      const entry = Buffer.alloc(16); // r_info's symbol stands at 12, r_addend behind it
      entry.writeUInt32LE(R_AARCH64_CALL26, 0);
      entry.writeUInt32LE(pick(number % 2 === 0 ? hosts[0] : hosts[1], number), 4);
      writeSync(file, entry, 0, 16, rela.offset + pick(calls, number) * 4 + 8);
    }
  } finally {
    closeSync(file);
  }
};
