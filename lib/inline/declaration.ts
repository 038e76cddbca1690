// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether a function's declaration leaves inlining to the compiler, and the edit
// that takes the choice away. Debug information says where the function is declared;
// the rest is read from the source, because DW_AT_inline knows neither always_inline
// nor the macros that mean it.

import { type Declarator, declaratorIn, declaratorsOf, endsDeclaration } from '../c-source/declarators.js';
import type { Macros } from '../c-source/macros.js';
import type { Sources } from '../c-source/sources.js';
import { type Token, tokensOf } from '../c-source/tokens.js';
import type { FixIt, SourcePlace } from '../diagnostics/diagnostic.js';

/**
 * What a declaration says:
 * - always: the compiler has no choice; hyp: wherever the function is emitted, it is in a hyp section
 * - editable: a hint, or nothing about inlining; `fixes` change it: one, or one for each branch of an #if
 * - user-space: shared with user space (include/uapi), so it is not edited
 * - recursive: it calls itself, so compilers never inline all of it
 * - macro: a macro makes it, or its specifiers; fixed: neither an inline hint nor static, so it is always emitted
 * - unreadable: the source is missing; unclear: the source says something else there
 */
export type InlineDeclaration = {
  readonly name: string;
  readonly place: SourcePlace;
  /** Declared inline, by whichever keyword. */
  readonly isHint: boolean;
} & (
  | { readonly kind: 'always' | 'hyp' | 'user-space' | 'fixed' | 'recursive' | 'unreadable' | 'unclear' }
  | { readonly kind: 'editable'; readonly fixes: readonly FixIt[] }
  | { readonly kind: 'macro'; readonly macro: string }
);

/** A function's name and its declaration according to debug information. */
export interface DeclaredAt extends SourcePlace {
  readonly name: string;
}

const ALWAYS = '__always_inline';
const isKeyword = ({ kind, text }: Token): boolean => kind === 'word' && /^(__)?inline(__)?$/.test(text);

export class InlineDeclarations {
  readonly #sources: Sources;
  readonly #macros: () => Macros;
  readonly #isHypName: (section: string) => boolean;
  readonly #known = new Map<string, InlineDeclaration>();
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #tokens = new Map<string, readonly Token[] | null>();

  /** `isHypName` tells hyp sections; the macros are read when the first declaration needs them. */
  constructor(sources: Sources, macros: () => Macros, isHypName: (section: string) => boolean) {
    this.#sources = sources;
    this.#macros = macros;
    this.#isHypName = isHypName;
  }

  of(at: DeclaredAt): InlineDeclaration {
    const key = this.keyOf(at);
    const known = this.#known.get(key) ?? this.#read(at);
    this.#known.set(key, known);
    return known;
  }

  /** A function that a file defines; null if it does not, or more than once. */
  named(file: string, name: string): InlineDeclaration | null {
    if (!this.#namesIn(file).has(name)) return null;
    const definitions = declaratorsOf(this.#tokensOf(file) ?? [], name).filter((one) => one.isDefinition);
    const [only] = definitions;
    return only && definitions.length === 1
      ? this.of({ file, name, line: only.name.line, column: only.name.column })
      : null;
  }

  /** The names before a parenthesis in a function's body; empty if it has no body. */
  calledBy({ name, place }: Pick<InlineDeclaration, 'name' | 'place'>): readonly string[] {
    const tokens = this.#tokensOf(place.file) ?? [];
    const start = tokens.findIndex((token) => token.text === name && token.line === place.line);
    const from = tokens.findIndex(({ text, braces }, at) => at > start && text === '{' && braces === 0);
    const to = tokens.findIndex(({ text, braces }, at) => at > from && text === '}' && braces === 0);
    if (start < 0 || from < 0 || to < 0) return [];
    const isMember = (at: number): boolean =>
      tokens[at - 1]?.text === '.' || (tokens[at - 1]?.text === '>' && tokens[at - 2]?.text === '-');
    const called = tokens
      .slice(from, to)
      .filter(
        ({ kind }, index) =>
          kind === 'word' && tokens[from + index + 1]?.text === '(' && !isMember(from + index),
      );
    return [...new Set(called.map(({ text }) => text))];
  }

  /** The identifier at a place, or null. */
  wordAt({ file, line, column }: SourcePlace): string | null {
    const token = this.#tokensOf(file)?.find((one) => one.line === line && one.column === column);
    return token?.kind === 'word' ? token.text : null;
  }

  /** A key that is the same however units name the file. */
  keyOf({ file, line, name }: DeclaredAt): string {
    return `${this.#sources.treeName(file)}:${line}:${name}`;
  }

  #read(at: DeclaredAt): InlineDeclaration {
    const { file, line, column, name } = at;
    const tokens = this.#tokensOf(file);
    const plain = { name, place: { file, line, column } };
    if (!tokens) return { ...plain, isHint: false, kind: 'unreadable' };
    this.#macros().enter(file);
    const all = declaratorsOf(tokens, name);
    const exact = all.find((one) => one.name.line === line) ?? declaratorIn(tokens, name, line, column);
    if (!exact) {
      const made = this.#madeByMacro(plain, invocationAt(tokens, line, name));
      if (made) return made;
    }
    // If the source was changed after it was compiled, its lines have moved.
    const definitions = all.filter((one) => one.isDefinition);
    const here = exact ?? (definitions.length === 1 ? definitions[0] : undefined);
    if (!here) return { ...plain, isHint: false, kind: 'unclear' };
    const related = [here, ...all.filter((one) => one.name !== here.name && !one.isDefinition)];
    const own = related.map((one) => this.#ownSpecifiers(one));
    const facts = { name, place: { file, line: here.name.line, column: here.name.column } };
    const meaning = this.#macros().expand(own.map(textOf).join(' '));
    const isHint = isInline(meaning);
    const settled = this.#settled(meaning);
    if (settled) return { ...facts, isHint, kind: settled };
    if (/(^|\/)include\/uapi\//.test(this.#sources.treeName(file)))
      return { ...facts, isHint, kind: 'user-space' };
    if (this.calledBy(facts).includes(name)) return { ...facts, isHint, kind: 'recursive' };
    const edits = editsOf(own);
    if (edits.length > 0)
      return { ...facts, isHint, kind: 'editable', fixes: edits.map((edit) => ({ file, ...edit })) };
    const macro = own.flat().find((token) => this.#isStorage(token));
    return macro
      ? { ...facts, isHint, kind: 'macro', macro: macro.text }
      : { ...facts, isHint, kind: 'fixed' };
  }

  /** Whether a word stands for `static` or `inline`. */
  #isStorage({ kind, text }: Token): boolean {
    return kind === 'word' && /\b(static|_*inline_*)\b/.test(this.#macros().expand(text));
  }

  /**
   * DEFINE_HELPER(name) { ... }, static inline u64 NAME(name)(u64 value): what the macro says, if the declaration itself
   * does not. null if there is no macro.
   */
  #madeByMacro(
    plain: Pick<InlineDeclaration, 'name' | 'place'>,
    tokens: readonly Token[],
  ): InlineDeclaration | null {
    const { file } = plain.place;
    const macro = tokens.find(
      ({ kind, text }, index) =>
        kind === 'word' && tokens[index + 1]?.text === '(' && this.#macros().isDefined(text),
    );
    if (!macro) return null;
    const meaning = this.#macros().expand(tokens.map(({ text }) => text).join(' '));
    const isHint = isInline(meaning);
    const kind = this.#settled(meaning);
    if (kind) return { ...plain, isHint, kind };
    const keyword = tokens.find((token) => token.parentheses === 0 && isKeyword(token));
    if (keyword)
      return { ...plain, isHint, kind: 'editable', fixes: [{ file, ...span(keyword, 0), text: ALWAYS }] };
    return { ...plain, isHint, kind: 'macro', macro: macro.text };
  }

  /** The specifiers without preceding macro calls that end in no semicolon: EXPORT_SYMBOL(x). */
  #ownSpecifiers({ specifiers }: Declarator): readonly Token[] {
    let first = 0;
    for (;;) {
      const word = specifiers[first];
      if (word?.kind !== 'word' || specifiers[first + 1]?.text !== '(' || word.text === '__attribute__')
        break;
      const meaning = this.#macros().expand(word.text);
      if (meaning !== word.text && !/[{;]/.test(meaning)) break;
      first +=
        1 +
        specifiers.slice(first + 1).findIndex(({ text, parentheses }) => text === ')' && parentheses === 0) +
        1;
    }
    return specifiers.slice(first);
  }

  /** Declarations that need no change. */
  #settled(meaning: string): 'always' | 'hyp' | null {
    if (/\b_*always_inline_*\b/.test(meaning)) return 'always';
    const sections = [...meaning.matchAll(/\.\w[\w.]*/g)];
    return sections.some(([section]) => this.#isHypName(section)) ? 'hyp' : null;
  }

  /** The words of a file before a parenthesis and outside braces: its functions, and more. */
  #namesIn(file: string): ReadonlySet<string> {
    const known = this.#names.get(file);
    if (known) return known;
    const tokens = this.#tokensOf(file) ?? [];
    const outside = tokens.filter(
      ({ kind, braces }, index) => kind === 'word' && braces === 0 && tokens[index + 1]?.text === '(',
    );
    const names = new Set(outside.map(({ text }) => text));
    this.#names.set(file, names);
    return names;
  }

  #tokensOf(file: string): readonly Token[] | null {
    let tokens = this.#tokens.get(file);
    if (tokens === undefined) {
      const text = this.#sources.text(file);
      tokens = text === null ? null : tokensOf(text);
      this.#tokens.set(file, tokens);
    }
    return tokens;
  }
}

const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ text }) => text)
    .join(' ')
    .replaceAll(' . ', '.');

const isInline = (meaning: string): boolean => /\b_*inline_*\b/.test(meaning);

/** The macro call on a line: from the end of the previous declaration to the closing parenthesis. */
const invocationAt = (tokens: readonly Token[], line: number, name: string): readonly Token[] => {
  const onLine = tokens.findIndex((token) => token.line === line && token.kind === 'word');
  const named = tokens.findIndex((token) => token.line === line && token.text.includes(name));
  let first = onLine;
  while (first > 0 && !endsDeclaration(tokens[first - 1]) && tokens[first - 1]?.text !== ')') first--;
  let last = Math.max(onLine, named);
  while (last < tokens.length && !(tokens[last]?.text === ')' && tokens[last]?.parentheses === 0)) last++;
  return onLine < 0 ? [] : tokens.slice(first, last + 1);
};

/**
 * Replaces `inline` by __always_inline; if there is none, inserts it after `static`. Of several declarations one is
 * enough, but all branches of an #if are needed. Empty if there is neither.
 */
const editsOf = (related: readonly (readonly Token[])[]): readonly Omit<FixIt, 'file'>[] => {
  const lists = related.map((words) => words.filter(({ parentheses }) => parentheses === 0));
  const keywords = lists.map((words) => words.filter(isKeyword)).find(({ length }) => length > 0);
  if (keywords) return keywords.map((keyword) => ({ ...span(keyword, 0), text: ALWAYS }));
  const storage = lists
    .map((words) => words.filter(({ text }) => text === 'static'))
    .find(({ length }) => length > 0);
  return (storage ?? []).map((word) => ({ ...span(word, word.text.length), text: ` ${ALWAYS}` }));
};

/** From `skip` bytes into a token to its end. */
const span = ({ line, column, text }: Token, skip: number): Pick<FixIt, 'start' | 'next'> => ({
  start: { line, column: column + skip },
  next: { line, column: column + text.length },
});
