// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The text of a linker script, piece by piece. Peculiar: what a name may hold
// depends on where it stands, and a name of files may hold a slash and a star
// (`drivers/*.o`), so that a comment begins only where a piece could.

import { FormatError } from '../elf/format-error.js';

const BLANK = /(?:\s+|\/\*[\s\S]*?\*\/|#[^\n]*)+/y;
const STRING = /"[^"]*"/y;
/** Names of sections and files, with wildcards. */
const WORD = /[^\s(){};,"]+/y;
/** In an expression, where every sign ends a name: up to the next that matters. */
const PLAIN = /[^\s(){};,"/#]+/y;

const SPACE = 0x20;
const SLASH = 0x2f;
const HASH = 0x23;

export class ScriptText {
  readonly #path: string;
  readonly #text: string;
  /** Where the next piece begins. */
  at = 0;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** Whether nothing but blanks and comments is left. */
  get isAtEnd(): boolean {
    this.#skipBlank();
    return this.at >= this.#text.length;
  }

  fail(sentence: string): never {
    throw new FormatError(this.#path, null, this.at, sentence);
  }

  /** The next character that is none of a blank; '' at the end. */
  peek(): string {
    this.#skipBlank();
    return this.#text[this.at] ?? '';
  }

  /** Takes a sign if it is next. */
  take(sign: string): boolean {
    this.#skipBlank();
    if (this.#text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  expect(sign: string): void {
    if (!this.take(sign)) this.fail(`a '${sign}' is missing`);
  }

  /** What a sticky expression finds here, or null. */
  match(pattern: RegExp): RegExpExecArray | null {
    this.#skipBlank();
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match) this.at = pattern.lastIndex;
    return match;
  }

  /** A name, with its quotes taken off; null where none is next. */
  word(): string | null {
    const string = this.match(STRING);
    if (string) return string[0].slice(1, -1);
    return this.match(WORD)?.[0] ?? null;
  }

  /** The text up to one of some signs outside of parentheses, which is left; null where it never comes. */
  until(signs: string): string | null {
    const start = this.at;
    let depth = 0;
    this.match(PLAIN);
    for (;;) {
      const sign = this.peek();
      if (sign === '') {
        this.at = start;
        return null;
      }
      if (depth === 0 && signs.includes(sign)) return this.#text.slice(start, this.at);
      if (sign === '"') {
        if (!this.match(STRING)) this.fail('a string does not end');
        continue;
      }
      if (this.match(PLAIN)) continue;
      if (sign === '(') depth++;
      if (sign === ')' && --depth < 0) this.fail('a parenthesis is closed that none opened');
      this.at++;
    }
  }

  /** Passes over `( ... )`, which is next. */
  skipParentheses(): void {
    this.expect('(');
    if (this.until(')') === null) this.fail('a parenthesis is not closed');
    this.expect(')');
  }

  #skipBlank(): void {
    const code = this.#text.charCodeAt(this.at);
    if (code > SPACE && code !== SLASH && code !== HASH) return;
    BLANK.lastIndex = this.at;
    if (BLANK.test(this.#text)) this.at = BLANK.lastIndex;
    // Looked for once, or each piece behind it would look to the end again.
    if (this.#text.startsWith('/*', this.at)) this.fail('a comment does not end');
  }
}
