// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A C file as tokens with their places, and how many braces and parentheses are
// open around each. Peculiar: both branches of an #if are read, so each counts its
// braces anew; and text that is not C (#if 0, assembly) does not affect what
// follows.

import { withoutComments } from './directives.js';

export interface Token {
  readonly kind: 'word' | 'directive' | 'other';
  readonly text: string;
  /** Both from 1, the column in bytes. */
  readonly line: number;
  readonly column: number;
  /** How many braces and parentheses are open around it. */
  readonly braces: number;
  readonly parentheses: number;
}

/** What does not end is taken to its end all the same: to be looked at again from each of its characters would take hours. */
const TOKEN =
  /\s+|\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n]){0,16}'|[A-Za-z_$][\w$]*|\.?\d[\w.]*|[\s\S]/g;
const DIRECTIVE = /#(?:\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"?|\\\r?\n|[^\n])*/y;

const NEWLINE = 0x0a;

/** An open #if: how many braces were open before it, and whether the branch is not C. */
interface Conditional {
  readonly braces: number;
  readonly parentheses: number;
  isText: boolean;
  readonly elseIsText: boolean;
}

/** `ifdef` of `# ifdef X`. */
export const directiveWord = (directive: string): string => /^#\s*(\w+)/.exec(directive)?.[1] ?? '';

/** For the first branch and the one after #else: whether a C compiler never sees it. */
const textBranches = (directive: string): readonly [first: boolean, last: boolean] => {
  const condition = withoutComments(directive).replace(/^#\s*/, '').trim();
  const isAssembly = /^if(n?)def\s+__ASSEMBL(Y|ER)__$|^if\s+(?:(!)\s*)?defined\W+__ASSEMBL(Y|ER)__\W*$/.exec(
    condition,
  );
  const isNegated = isAssembly !== null && (isAssembly[1] === 'n' || isAssembly[3] === '!');
  return [/^if\s+0$/.test(condition) || (isAssembly !== null && !isNegated), isNegated];
};

/** `text`: one character a byte. */
export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const conditionals: Conditional[] = [];
  let line = 1;
  let lineStart = 0;
  let braces = 0;
  let parentheses = 0;
  let atLineStart = true;
  const column = (at: number): number => at - lineStart + 1;
  const advance = (from: number, length: number): void => {
    for (let at = from; at < from + length; at++) {
      if (text.charCodeAt(at) !== NEWLINE) continue;
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
      const word = directiveWord(found);
      const top = conditionals.at(-1);
      if (word.startsWith('if')) {
        const [isText, elseIsText] = textBranches(found);
        conditionals.push({ braces, parentheses, isText, elseIsText });
      } else if (top) {
        if (word.startsWith('el') || top.isText) ({ braces, parentheses } = top);
        top.isText = word === 'else' && top.elseIsText;
        if (word === 'endif') conditionals.pop();
      }
    }
    if (found.trim() !== '' && !isComment) {
      if (found === '}') braces = Math.max(0, braces - 1);
      if (found === ')') parentheses = Math.max(0, parentheses - 1);
      // Unbalanced braces end with the function: in kernel style its closing brace is in the first column.
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
