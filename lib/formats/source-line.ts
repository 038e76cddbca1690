// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A source line as it is shown, and columns on it. DWARF counts bytes from 1; gcc
// prints display columns: a tab goes to the next multiple of 8 (-ftabstop=8), a wide
// character takes two. Characters that we spell out (printable.ts) are wider on the
// screen than gcc counts them, so the drawing measures by itself.

import { characterWidth } from './character-width.js';
import { printable } from './printable.js';

const tabStop = 8;

interface Cell {
  readonly character: string;
  /** Bytes of UTF-8 that the character takes in the file. */
  readonly bytes: number;
}

// U+FFFD mostly stands for one byte that is not UTF-8 (Latin-1 in old comments), seldom for itself.
const utf8Length = (code: number): number =>
  code < 0x80 || code === 0xfffd ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

const cellsOf = (line: string): readonly Cell[] =>
  Array.from(line, (character) => ({ character, bytes: utf8Length(character.codePointAt(0) ?? 0) }));

const advance = (column: number, character: string): number =>
  character === '\t' ? column + tabStop - (column % tabStop) : column + characterWidth(character);

/** Both columns count from 1. Beyond the end of the line, one byte is one column. */
export const displayColumn = (line: string, byteColumn: number): number => {
  let before = byteColumn - 1;
  let column = 0;
  for (const { character, bytes } of cellsOf(line)) {
    if (before < bytes) break;
    before -= bytes;
    column = advance(column, character);
  }
  return column + before + 1;
};

/** A line in three parts, so that the marked token can be coloured, and where the marks below it go. */
export interface DrawnLine {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  /** The token as it stands in the file. */
  readonly token: string;
  /** Columns left of the marks. */
  readonly indent: number;
  /** How many columns to mark; 0 if the column is not known or not on the line. */
  readonly width: number;
}

const cToken = /[\p{L}_$][\p{L}\p{M}\p{N}_$]*/uy;
/** Assembly: a mnemonic with its suffix (`b.eq`), a directive, a register, a local label. */
const assemblyToken = /[\w.$]+/uy;

/** Length (in UTF-16 units) of the token at `index`: a whole identifier, else one character. */
const tokenLength = (line: string, index: number, file: string): number => {
  const pattern = /\.[sS]$/.test(file) ? assemblyToken : cToken;
  pattern.lastIndex = index;
  return pattern.exec(line)?.[0].length ?? String.fromCodePoint(line.codePointAt(index) ?? 0x20).length;
};

/** String index of byte column `byteColumn`; null if that is 0 or beyond the end of the line. */
const indexOfColumn = (line: string, byteColumn: number): number | null => {
  let before = byteColumn - 1;
  if (before < 0) return null;
  let index = 0;
  for (const { character, bytes } of cellsOf(line)) {
    if (before < bytes) return index;
    before -= bytes;
    index += character.length;
  }
  return before === 0 ? index : null;
};

/** Tabs as spaces, everything else as it may be shown. */
const draw = (text: string, from: number): { readonly text: string; readonly end: number } => {
  let column = from;
  let drawn = '';
  for (const character of text) {
    const shown = character === '\t' ? null : printable(character);
    const next = shown === null || shown === character ? advance(column, character) : column + shown.length;
    drawn += shown ?? ' '.repeat(next - column);
    column = next;
  }
  return { text: drawn, end: column };
};

/** The line with the token at `byteColumn` (from 1; 0 is unknown) marked. gcc drops white space at the end. */
export const drawSourceLine = (source: string, byteColumn: number, file: string): DrawnLine => {
  const line = source.replace(/(?<![ \t\r])[ \t\r]+$/, '');
  const start = indexOfColumn(line, byteColumn);
  if (start === null)
    return { before: draw(line, 0).text, marked: '', after: '', token: '', indent: 0, width: 0 };
  const end = start + tokenLength(line, start, file);
  const before = draw(line.slice(0, start), 0);
  const marked = draw(line.slice(start, end), before.end);
  const after = draw(line.slice(end), marked.end);
  return {
    before: before.text,
    marked: marked.text,
    after: after.text,
    token: line.slice(start, end),
    indent: before.end,
    width: Math.max(1, marked.end - before.end),
  };
};
