// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How many terminal columns a character takes, as gcc 12 counts them (Unicode 14):
// two for East Asian wide and full-width characters, none for combining marks and
// format characters, one for the rest, control characters included. Scripts are
// whole blocks here; of the symbols only those with emoji presentation are wide,
// which the JavaScript engine knows. Checked against gcc on 40,000 characters: the
// differences are younger than Unicode 14.

const wideBlocks: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f], // Hangul Jamo, leading consonants
  [0x2329, 0x232a], // angle brackets
  [0x2e80, 0x303e], // CJK radicals, ideographic description, CJK punctuation
  [0x3041, 0xa4c6], // Kana, Bopomofo, Hangul compatibility, enclosed CJK, CJK ideographs, hexagrams, Yi
  [0xa960, 0xa97c], // Hangul Jamo extended A
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // CJK compatibility ideographs
  [0xfe10, 0xfe19], // vertical forms
  [0xfe30, 0xfe6b], // CJK compatibility forms, small forms
  [0xff01, 0xff60], // full-width forms
  [0xffe0, 0xffe6], // full-width signs
  [0x16fe0, 0x1b2fb], // Tangut, Khitan, Kana supplements
  [0x1f200, 0x1f265], // enclosed ideographic supplement
  [0x20000, 0x3fffd], // supplementary ideographic planes
];

// The last two are the vowels and final consonants of conjoining Hangul.
const combining = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]$/u;
const emoji = /^\p{Emoji_Presentation}$/u;

/** Columns of one character (a code point); the caller handles tabs. */
export const characterWidth = (character: string): 0 | 1 | 2 => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (combining.test(character)) return 0;
  const wide = wideBlocks.some(([first, last]) => first <= code && code <= last);
  return wide || (emoji.test(character) && !isRegionalIndicator(code)) ? 2 : 1;
};

/** Half of a flag: has emoji presentation, but is one column wide on its own. */
const isRegionalIndicator = (code: number): boolean => 0x1f1e6 <= code && code <= 0x1f1ff;
