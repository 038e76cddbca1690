// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// @FILE on the command line: its words take its place, as gcc and ld do it.
// Words are separated by white space; quotes and backslashes protect it.

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

/** How deep response files may name response files. */
const MAX_DEPTH = 16;

/**
 * argv with every @FILE replaced. A file that cannot be read stays as a word, as in gcc; one that names
 * itself stops at MAX_DEPTH.
 */
export const expandResponseFiles = (
  argv: readonly string[],
  readText: (path: string) => string | null,
  depth = 0,
): readonly string[] =>
  argv.flatMap((word) => {
    if (!/^@./s.test(word) || depth >= MAX_DEPTH) return [word];
    const text = readText(word.slice(1));
    return text === null ? [word] : expandResponseFiles(splitWords(text), readText, depth + 1);
  });
