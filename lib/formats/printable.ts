// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Symbol names, file names and source lines come from outside and may hold anything:
// an escape sequence would drive the reader's terminal, a newline would forge a second
// message, a bidirectional override would show the line in another order. gcc writes
// such characters as <U+001B> where it distrusts a line; we do it for every line.
// Whatever is printed passes here once, in every form and in every message.

/**
 * C0, DEL and C1 (NEL among them), the marks of bidirectional text [UAX 9], the line and paragraph separators. Half a
 * surrogate pair is no character.
 */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Well-formed UTF-8 of more than a byte, in a text of one character a byte. */
const multibyte = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

const hex = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** <U+001B>, as gcc spells it. */
const spelt = (character: string): string => `<U+${hex(character)}>`;

/** \u001B, which JSON reads back as the character. */
export const jsonEscape = (character: string): string => `\\u${hex(character)}`;

/** The text with what must not reach a reader's terminal spelt out. */
export const printable = (text: string, spell: (character: string) => string = spelt): string =>
  text.replace(unprintable, spell);

/**
 * Whether bytes (a character each) may be printed as they are, which a patch has to do: tabs may, and so may a CR before
 * the line's end; a byte that is no UTF-8 may unless an 8-bit terminal takes it for a control character.
 */
export const isPlainLine = (line: string): boolean => {
  const bytes = line.replace(/\t|\r$/g, '');
  const text = Buffer.from(bytes, 'latin1').toString();
  return printable(text) === text && !/[\x80-\x9f]/.test(bytes.replace(multibyte, ''));
};

/** A sentence whose quoted names stand in ' ', as JSON, plain output and build logs want them. */
export const withPlainQuotes = (message: string): string => message.replace(/‘([^’]*)’/g, "'$1'");
