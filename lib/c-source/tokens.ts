// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A C file as tokens with their places, and the declarations of a function in
// it. Only what stands outside braces matters, so nothing is parsed: a function's
// specifiers are what stands between the end of the thing before and its name.
// Peculiar: both branches of an #if are there, so braces are counted anew in each;
// and what is no C at all (#if 0, assembly) counts for nothing behind it.

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
const DIRECTIVE = /#(?:\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"|\\\r?\n|[^\n])*/y;

/** The text of a directive without comments, on one line. */
export const directiveText = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replace(/\\\r?\n/g, ' ')
    .replace(/\/\/.*/s, '')
    .trim();

/** An #if that is open: how many were before it, and whether the branch is no C. */
interface Conditional {
  readonly braces: number;
  readonly parentheses: number;
  isText: boolean;
  readonly elseIsText: boolean;
}

const directiveWord = (directive: string): string => /^#\s*(\w+)/.exec(directive)?.[1] ?? '';

/** Of the first branch and of the one behind #else: whether no compiler of C sees it. */
const textBranches = (directive: string): readonly [first: boolean, last: boolean] => {
  const condition = directiveText(directive).replace(/^#\s*/, '');
  const isAssembly = /^if(n?)def\s+__ASSEMBL(Y|ER)__$|^if\s+(!?)\s*defined\W+__ASSEMBL(Y|ER)__\W*$/.exec(
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
  tokens.flatMap(({ text, braces }, index) =>
    text === name && braces === 0 ? (declaratorAt(tokens, index) ?? []) : [],
  );

/** What is declared at a line and, where that is known, a column; whatever braces are open there. */
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

/** `name(`, `(name)(` or `(*name(`: the parentheses make it a name that is declared. */
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
 * From the end of the thing before to a name. Where nothing says yet how it is stored, an #if stands in between:
 * `static inline` in both branches, the name behind them; or the name in the branches, the words before them.
 */
const specifiersBefore = (tokens: readonly Token[], index: number): readonly Token[] => {
  const found: Token[] = [];
  /** Conditionals that were entered from behind, and those whose other branches are passed over. */
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

/** Whether a token ends the thing before a declaration. */
export const endsDeclaration = (token: Token | undefined): boolean =>
  token === undefined ||
  token.kind === 'directive' ||
  (token.parentheses === 0 && (token.text === ';' || token.text === '{' || token.text === '}'));
