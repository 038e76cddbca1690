// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A linker script after the preprocessor, as GNU ld and ld.lld read it, as far
// as it tells where things are put: output sections, the input sections that go
// into them, and names for places. Expressions, ASSERT, BYTE, regions and the
// like are passed over. Statements keep their order, which is the order of
// addresses, and a number that says where in it they stand.

import { ScriptText } from './script-text.js';

/** `*(.text .text.*)`: a pattern for sections, in files of any name or of some. */
export interface InputPattern {
  readonly section: string;
  /** Only in files that a name other than * stands for, or with flags, or not in all. */
  readonly isLimited: boolean;
}

export type Statement =
  | { readonly kind: 'input'; readonly patterns: readonly InputPattern[]; readonly output: number }
  /** `value`: the expression as it is written; `.` is the place itself. */
  | { readonly kind: 'assign'; readonly name: string; readonly value: string }
  | { readonly kind: 'end'; readonly output: number };

export interface LinkerScript {
  readonly statements: readonly Statement[];
  /** Names of output sections by number, in their order. */
  readonly outputs: readonly string[];
}

/** Words that begin a statement wherever one may stand. */
const words: Readonly<Record<string, 'define' | 'pass' | 'block' | 'bare' | 'refuse'>> = Object.fromEntries([
  // NAME(name = value): unless the name is defined.
  ...['PROVIDE', 'PROVIDE_HIDDEN', 'HIDDEN'].map((word) => [word, 'define']),
  // NAME(...), which puts no section anywhere.
  ...['ASSERT', 'ENTRY', 'OUTPUT_ARCH', 'OUTPUT_FORMAT', 'OUTPUT', 'TARGET'].map((word) => [word, 'pass']),
  ...['EXTERN', 'INPUT', 'GROUP', 'STARTUP', 'SEARCH_DIR', 'NOCROSSREFS'].map((word) => [word, 'pass']),
  ...['NOCROSSREFS_TO', 'REGION_ALIAS', 'LD_FEATURE', 'FILL', 'BYTE', 'SHORT'].map((word) => [word, 'pass']),
  ...['LONG', 'QUAD', 'SQUAD', 'ASCIZ'].map((word) => [word, 'pass']),
  // NAME { ... }, which says nothing of sections.
  ...['PHDRS', 'MEMORY', 'VERSION'].map((word) => [word, 'block']),
  ...['CONSTRUCTORS', 'CREATE_OBJECT_SYMBOLS', 'LINKER_VERSION'].map((word) => [word, 'bare']),
  ...['FORCE_COMMON_ALLOCATION', 'INHIBIT_COMMON_ALLOCATION'].map((word) => [word, 'bare']),
  // Parts of the script that are not here.
  ...['INCLUDE', 'INSERT'].map((word) => [word, 'refuse']),
]);

/** The beginning of a statement: a word that is one of those, or a name that is assigned to. */
const STATEMENT =
  /([A-Z_]+)(?=\s*[({;]|\s+[^\s:=])|([A-Za-z_.$][\w.$]*|"[^"]*")\s*(?:<<|>>|[-+*/&|^])?=(?!=)/y;
const SECTIONS = /SECTIONS(?=\s*\{)/y;
const SORT = /(?:SORT(?:_BY_NAME|_BY_ALIGNMENT|_BY_INIT_PRIORITY|_NONE)?|REVERSE|KEEP)\s*\(/y;
const EXCLUDE_FILE = /EXCLUDE_FILE(?=\s*\()/y;
const OF_SOME_FILES = /(?:EXCLUDE_FILE|INPUT_SECTION_FLAGS)(?=\s*\()/y;
const CONSTRUCTORS = /CONSTRUCTORS\b/y;
/** Behind an output section: >region AT>region :phdr =fill */
const TRAILER = /(?:(?:AT\s*)?>\s*\w+|:\s*\w+|=\s*(?:0[xX][\da-fA-F]+|\d+|\([^()]*\)))/y;
const BLANKS = /\s+/;
/** What nearly all statements are: `*(.a .b)` and `KEEP(*(.a .b))`. */
const PLAIN_INPUT = /(?:(KEEP)\(\s*)?\*\(([^(){};,"/\\]*)\)/y;

/** Throws FormatError where a script is none. `path`: what it is called. */
export const readLinkerScript = (path: string, text: string): LinkerScript =>
  new Reader(new ScriptText(path, text)).read();

class Reader {
  readonly #text: ScriptText;
  readonly #statements: Statement[] = [];
  readonly #outputs: string[] = [];

  constructor(text: ScriptText) {
    this.#text = text;
  }

  read(): LinkerScript {
    const text: ScriptText = this.#text;
    while (!text.isAtEnd) {
      if (text.match(SECTIONS)) this.#sections();
      else if (!this.#common()) text.fail('not a statement of a linker script');
    }
    return { statements: this.#statements, outputs: this.#outputs };
  }

  /** What may stand everywhere; false if something else does. */
  #common(): boolean {
    const text: ScriptText = this.#text;
    if (text.take(';')) return true;
    const back = text.at;
    const [, word, name] = text.match(STATEMENT) ?? [];
    if (name !== undefined) {
      this.#assign(name, ';');
      return true;
    }
    if (word === undefined) return false;
    const kind = Object.hasOwn(words, word) ? words[word] : undefined;
    switch (kind) {
      case undefined:
        text.at = back;
        return false;
      case 'define': {
        text.expect('(');
        const [, , provided] = text.match(STATEMENT) ?? [];
        if (provided === undefined) text.fail('an assignment is missing');
        this.#assign(provided, ')');
        text.expect(')');
        return true;
      }
      case 'pass':
        text.skipParentheses();
        return true;
      case 'block':
        this.#skipBraces();
        return true;
      case 'bare':
        return true;
      case 'refuse':
        text.fail(`${word}, a part of the script that is not here`);
        break;
      default:
        return kind satisfies never;
    }
    return false;
  }

  /** Behind `name =`: the expression, up to a sign that is left. */
  #assign(name: string, end: string): void {
    const text: ScriptText = this.#text;
    const value = text.until(end);
    if (value === null) text.fail(`the assignment to ${name} does not end`);
    if (name !== '.')
      this.#statements.push({ kind: 'assign', name: name.replaceAll('"', ''), value: value.trim() });
  }

  #skipBraces(): void {
    const text: ScriptText = this.#text;
    text.expect('{');
    if (text.until('}') === null) text.fail('a brace is not closed');
    text.expect('}');
  }

  #sections(): void {
    const text: ScriptText = this.#text;
    text.expect('{');
    while (!text.take('}')) {
      if (text.isAtEnd) text.fail('SECTIONS does not end');
      if (!this.#common()) this.#output();
    }
  }

  /** `name address (type) : AT(...) ALIGN(...) { ... } >region :phdr =fill` */
  #output(): void {
    const text: ScriptText = this.#text;
    const name = text.word();
    if (name === null) text.fail('not a statement of SECTIONS');
    if (name === 'OVERLAY') text.fail('OVERLAY, whose sections share addresses');
    const head = text.until('{};');
    if (head === null || text.peek() !== '{' || !/:/.test(name + head))
      text.fail(`'${name}' is no output section`);
    text.expect('{');
    const output = this.#outputs.push(name.replace(/:$/, '')) - 1;
    while (!text.take('}')) {
      if (text.isAtEnd) text.fail(`output section ${name} does not end`);
      if (!this.#plainInput(output) && !this.#common()) this.#input(output);
    }
    this.#statements.push({ kind: 'end', output });
    while (text.match(TRAILER) || text.take(','));
  }

  /** `*(.a .b)`, which nearly all are. */
  #plainInput(output: number): boolean {
    const text: ScriptText = this.#text;
    const [, keep, list] = text.match(PLAIN_INPUT) ?? [];
    if (list === undefined) return false;
    const sections = list.split(BLANKS).filter((section) => section !== '');
    const patterns = sections.map((section) => ({ section, isLimited: false }));
    this.#statements.push({ kind: 'input', patterns, output });
    if (keep !== undefined) text.expect(')');
    return true;
  }

  /** `KEEP(*(SORT(.a.*) EXCLUDE_FILE(b.o) .c))`, or names of files alone. */
  #input(output: number): void {
    const text: ScriptText = this.#text;
    let open = 0;
    let isLimited = false;
    for (;;) {
      if (text.match(SORT)) open++;
      else if (text.match(OF_SOME_FILES)) {
        text.skipParentheses();
        isLimited = true;
      } else break;
    }
    if (open > 0 && text.match(CONSTRUCTORS)) {
      this.#close(open);
      return;
    }
    const files = text.word();
    if (files === null) text.fail('not a statement of an output section');
    isLimited ||= files !== '*';
    // SORT(*)(.text): the name of files is in parentheses by itself.
    while (open > 0 && text.take(')')) open--;
    const patterns = text.take('(') ? this.#patterns(isLimited) : [{ section: '*', isLimited }];
    this.#statements.push({ kind: 'input', patterns, output });
    this.#close(open);
  }

  #close(parentheses: number): void {
    for (let open = parentheses; open > 0; open--) this.#text.expect(')');
  }

  /** Names of sections up to the parenthesis that closes their list. */
  #patterns(ofFiles: boolean): readonly InputPattern[] {
    const text: ScriptText = this.#text;
    const patterns: InputPattern[] = [];
    let open = 1;
    let isLimited = ofFiles;
    while (open > 0) {
      if (text.take(',')) continue;
      if (text.take(')')) open--;
      else if (text.match(SORT)) open++;
      else if (text.match(EXCLUDE_FILE)) {
        text.skipParentheses();
        isLimited = true;
      } else {
        const section = text.word();
        if (section === null) text.fail('a list of sections does not end');
        patterns.push({ section, isLimited });
        // What was said of files is of the next name alone.
        isLimited = ofFiles;
      }
    }
    return patterns;
  }
}
