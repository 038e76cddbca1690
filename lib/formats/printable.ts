// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Symbol names, file names and source lines come from outside and may hold anything:
// an escape sequence would control the reader's terminal, a newline would forge a
// second message, a bidirectional override would show the line in another order. gcc
// writes such characters as <U+001B> in lines that it distrusts; we do it in every
// line. Everything that is printed passes through here once, in every form.

/**
 * C0, DEL and C1 (with NEL), the marks of bidirectional text [UAX 9], the line and paragraph separators, and unpaired
 * surrogates.
 */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A well-formed UTF-8 sequence of several bytes, in a text with one character per byte. */
const multibyte = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

const hex = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** <U+001B>, as gcc spells it. */
const spelt = (character: string): string => `<U+${hex(character)}>`;

/** \u001B, which JSON reads back as the character. */
export const jsonEscape = (character: string): string => `\\u${hex(character)}`;

/** The text, with everything spelt out that must not reach a reader's terminal. */
export const printable = (text: string, spell: (character: string) => string = spelt): string =>
  text.replace(unprintable, spell);

/**
 * Whether bytes (one character each) may be printed as they are, which a patch needs: tabs may, and a CR at the end of
 * the line; a byte that is not UTF-8 may, unless an 8-bit terminal takes it for a control character.
 */
export const isPlainLine = (line: string): boolean => {
  const bytes = line.replace(/\t|\r$/g, '');
  const text = Buffer.from(bytes, 'latin1').toString();
  return printable(text) === text && !/[\x80-\x9f]/.test(bytes.replace(multibyte, ''));
};

/** A sentence with names in ' ' quotes, for JSON, plain output and build logs. */
export const withPlainQuotes = (message: string): string => message.replace(/‘([^‘’]*)’/g, "'$1'");
