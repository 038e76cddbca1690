// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The declarations of a function in a C file. Only text outside braces matters, so
// nothing is parsed: the specifiers of a function are the tokens from the end of
// the previous declaration to its name.

import { directiveWord, type Token } from './tokens.js';

/** A place where a function's name is declared. */
export interface Declarator {
  readonly name: Token;
  /** Everything before the name, and between the parameters and the body or semicolon. */
  readonly specifiers: readonly Token[];
  /** Whether a body follows. */
  readonly isDefinition: boolean;
}

/** The declarations of `name` outside all braces. */
export const declaratorsOf = (tokens: readonly Token[], name: string): readonly Declarator[] =>
  tokens.flatMap(({ text, braces }, index) =>
    text === name && braces === 0 ? (declaratorAt(tokens, index) ?? []) : [],
  );

/** What is declared at a line and (if it is known) column, whatever braces are open there. */
export const declaratorIn = (
  tokens: readonly Token[],
  name: string,
  line: number,
  column: number,
): Declarator | null => {
  const index = tokens.findIndex(
    (token) => token.text === name && token.line === line && (column === 0 || token.column === column),
  );
  return index < 0 ? null : declaratorAt(tokens, index);
};

/** `name(`, `(name)(` or `(*name(`: the parentheses show that a name is declared. */
const declaratorAt = (tokens: readonly Token[], index: number): Declarator | null => {
  const name = tokens[index];
  if (name?.kind !== 'word') return null;
  const [before, next] = [tokens[index - 1], tokens[index + 1]];
  const isWrapped = before?.text === '(' && next?.text === ')' && tokens[index + 2]?.text === '(';
  const isPointed = before?.text === '*' && tokens[index - 2]?.text === '(' && next?.text === '(';
  const depth = name.parentheses - (isWrapped || isPointed ? 1 : 0);
  if (depth > 0 || (next?.text !== '(' && !isWrapped)) return null;
  let behind = index + (isWrapped ? 3 : 2);
  while (behind < tokens.length && (tokens[behind]?.parentheses ?? 0) > 0) behind++;
  let last = behind + 1;
  while (last < tokens.length && !endsDeclaration(tokens[last])) last++;
  return {
    name,
    specifiers: [...specifiersBefore(tokens, index), ...tokens.slice(behind + 1, last)],
    isDefinition: tokens[last]?.text === '{',
  };
};

/**
 * From the end of the previous declaration to a name. If no specifier is found yet, there is an #if in between: `static
 * inline` in both branches and the name after them, or the name in the branches and the words before them.
 */
const specifiersBefore = (tokens: readonly Token[], index: number): readonly Token[] => {
  const found: Token[] = [];
  /** Conditionals that were entered from their end, and those whose other branches are skipped. */
  let inside = 0;
  let passed = 0;
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at];
    if (!token) break;
    if (token.kind === 'directive') {
      const word = directiveWord(token.text);
      if (!/^(if|ifdef|ifndef|elif|else|endif)$/.test(word)) break;
      if (inside === 0 && passed === 0 && found.some(({ text }) => STORED.test(text))) break;
      if (word === 'endif') {
        if (passed > 0) passed++;
        else inside++;
      } else if (passed > 0) {
        if (word.startsWith('if')) passed--;
      } else if (inside > 0) {
        if (word.startsWith('if')) inside--;
      } else if (word.startsWith('el')) passed = 1;
    } else if (passed === 0) {
      if (endsDeclaration(token)) break;
      found.unshift(token);
    }
  }
  return found;
};

const STORED = /^(static|extern|(__)?inline(__)?|__always_inline)$/;

/** Whether a token ends the previous declaration. */
export const endsDeclaration = (token: Token | undefined): boolean =>
  token === undefined ||
  token.kind === 'directive' ||
  (token.parentheses === 0 && (token.text === ';' || token.text === '{' || token.text === '}'));
