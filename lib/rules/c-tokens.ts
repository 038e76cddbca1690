// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A C file as tokens with their places, and the declarations of a function in
// it. Only what stands outside braces matters, so nothing is parsed: a function's
// specifiers are what stands between the end of the thing before and its name.
// Peculiar: both branches of an #if are there, so braces are counted anew in each.

export interface Token {
  readonly kind: 'word' | 'directive' | 'other';
  readonly text: string;
  /** Both from 1, the column in bytes. */
  readonly line: number;
  readonly column: number;
  /** How many braces, and how many parentheses, are open around it. */
  readonly braces: number;
  readonly parentheses: number;
}

/** A place where a function's name is declared. */
export interface Declarator {
  readonly name: Token;
  /** Everything before the name, and what stands between the parameters and the body or semicolon. */
  readonly specifiers: readonly Token[];
  /** Whether a body follows. */
  readonly isDefinition: boolean;
}

const TOKEN =
  /\s+|\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[A-Za-z_$][\w$]*|\.?\d[\w.]*|[\s\S]/g;
const DIRECTIVE = /#(?:\/\*[\s\S]*?(?:\*\/|$)|\\\r?\n|[^\n])*/y;

/** The text of a directive without comments, on one line. */
export const directiveText = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replace(/\\\r?\n/g, ' ')
    .replace(/\/\/.*/s, '')
    .trim();

/** `text`: one character a byte. */
export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const conditionals: number[] = [];
  let line = 1;
  let lineStart = 0;
  let braces = 0;
  let parentheses = 0;
  let atLineStart = true;
  const column = (at: number): number => at - lineStart + 1;
  const advance = (from: number, length: number): void => {
    for (let at = text.indexOf('\n', from); at >= 0 && at < from + length; at = text.indexOf('\n', at + 1)) {
      line++;
      lineStart = at + 1;
      atLineStart = true;
    }
  };
  for (let at = 0; at < text.length; ) {
    const isDirective = text[at] === '#' && atLineStart;
    const pattern = isDirective ? DIRECTIVE : TOKEN;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? text[at] ?? ' ';
    const isComment = found.startsWith('/*') || found.startsWith('//');
    if (isDirective) {
      const word = /^#\s*(\w+)/.exec(found)?.[1] ?? '';
      if (word.startsWith('if')) conditionals.push(braces);
      else if (word === 'else' || word === 'elif') braces = conditionals.at(-1) ?? braces;
      else if (word === 'endif') conditionals.pop();
    }
    if (found.trim() !== '' && !isComment) {
      if (found === '}') braces = Math.max(0, braces - 1);
      if (found === ')') parentheses = Math.max(0, parentheses - 1);
      // What is unbalanced ends with its function: in the kernel's style its brace stands in the first column.
      if (found === '}' && column(at) === 1) [braces, parentheses] = [0, 0];
      const kind = isDirective ? 'directive' : /^[A-Za-z_$]/.test(found) ? 'word' : 'other';
      tokens.push({ kind, text: found, line, column: column(at), braces, parentheses });
      if (found === '{') braces++;
      if (found === '(') parentheses++;
      atLineStart = false;
    }
    advance(at, found.length);
    at += found.length;
  }
  return tokens;
};

/** The declarations of `name` outside all braces. */
export const declaratorsOf = (tokens: readonly Token[], name: string): readonly Declarator[] =>
  tokens.flatMap((token, index) => {
    if (token.text !== name || token.kind !== 'word' || token.braces > 0 || token.parentheses > 0) return [];
    if (tokens[index + 1]?.text !== '(') return [];
    let first = index;
    while (first > 0 && !endsDeclaration(tokens[first - 1])) first--;
    let behind = index + 2;
    while (behind < tokens.length && tokens[behind]?.parentheses !== 0) behind++;
    let last = behind + 1;
    while (last < tokens.length && !endsDeclaration(tokens[last])) last++;
    return [
      {
        name: token,
        specifiers: [...tokens.slice(first, index), ...tokens.slice(behind + 1, last)],
        isDefinition: tokens[last]?.text === '{',
      },
    ];
  });

/** Whether a token ends the thing before a declaration. */
export const endsDeclaration = (token: Token | undefined): boolean =>
  token === undefined ||
  token.kind === 'directive' ||
  (token.parentheses === 0 && (token.text === ';' || token.text === '{' || token.text === '}'));
