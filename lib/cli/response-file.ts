// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// @FILE on the command line is replaced by the words of the file, as in gcc and ld.
// Words are separated by white space; quotes and backslashes protect it.

import { Refusal } from './guard.js';

/** The words of a response file's text. */
export const splitWords = (text: string): readonly string[] => {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '\\') {
      index++;
      word = (word ?? '') + (text[index] ?? '');
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (word !== null) words.push(word);
  return words;
};

/** Nested response files. */
const MAX_DEPTH = 16;
/** As in gcc: two files that name each other twice would go on for ever. */
const MOST_FILES = 2000;
/** More words than any link has objects. */
const MOST_WORDS = 1_000_000;

/**
 * argv with every @FILE replaced. A missing file (null) stays a word, as in gcc; one that names itself stops at
 * MAX_DEPTH. Throws a Refusal if a file cannot be read, or there are too many.
 */
export const expandResponseFiles = (
  argv: readonly string[],
  readText: (path: string) => string | null,
): readonly string[] => {
  const words: string[] = [];
  let files = 0;
  const expand = (given: readonly string[], depth: number): void => {
    for (const word of given) {
      const isFile = /^@./s.test(word) && depth < MAX_DEPTH;
      if (isFile && ++files > MOST_FILES) throw new Refusal('too many @-files');
      const text = isFile ? readText(word.slice(1)) : null;
      if (text !== null) expand(splitWords(text), depth + 1);
      else if (words.push(word) > MOST_WORDS) throw new Refusal('too many words in @-files');
    }
  };
  expand(argv, 0);
  return words;
};
