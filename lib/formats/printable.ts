// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Symbol names, file names and source lines come from outside and may hold anything:
// an escape sequence would drive the reader's terminal, a newline would forge a second
// message, a bidirectional override would show the line in another order. gcc writes
// such characters as <U+001B> where it distrusts a line; we do it for every line.

const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const spell = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** The text with control characters, line separators and bidirectional controls spelt out. */
export const printable = (text: string): string => text.replace(unprintable, spell);

/** A sentence whose quoted names stand in ' ', as JSON, plain output and build logs want them. */
export const withPlainQuotes = (message: string): string => message.replace(/‘([^’]*)’/g, "'$1'");
