// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The result of a C function that only tests conditions: its statements are followed
// with what is known of the conditions, both ways if nothing is. A statement of any
// other kind (a variable, a loop, a call for its effect) makes the result unknown.

import { Conditionals, linesOf } from './directives.js';
import { evaluate, type Names, not } from './expression.js';

/** Marks lines that may or may not be compiled; no statement begins with it. */
const PERHAPS = ' ? ';

/**
 * A header's text as it is compiled: without comments, directives and what conditions exclude. Its first #ifndef is the
 * include guard.
 */
const compiledText = (text: string, names: Names): string => {
  let isFirst = true;
  const conditionals = new Conditionals((directive, rest) => {
    const isGuard = isFirst && directive === 'ifndef';
    isFirst = false;
    if (isGuard) return true;
    if (directive === 'if') return isTrue(evaluate(rest, names));
    const isDefined = names.isDefined(/^\w*/.exec(rest)?.[0] ?? '');
    return directive === 'ifdef' ? isDefined : not(isDefined);
  });
  return linesOf(text)
    .map((line) => {
      if (conditionals.take(line)) return '';
      isFirst &&= line.directive === null;
      if (line.directive !== null || conditionals.compiled === false) return '';
      return conditionals.compiled === null ? PERHAPS : line.rest;
    })
    .join('\n');
};

const isTrue = (value: bigint | null): boolean | null => (value === null ? null : value !== 0n);

const PIECE = /\w+|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\]){0,16}'|[^\s\w]/g;

interface Piece {
  readonly text: string;
  readonly at: number;
}

/** The statements of a function without parameters; null if the header does not define it exactly once. */
export const predicateIn = (header: string, name: string, names: Names): string | null => {
  const text = compiledText(header, names);
  const starts = [...text.matchAll(new RegExp(`\\b${name}\\s*\\(\\s*void\\s*\\)\\s*\\{`, 'g'))];
  const [start] = starts;
  if (!start || starts.length > 1) return null;
  const body = start.index + start[0].length;
  let open = 1;
  for (const { 0: piece, index } of text.slice(body).matchAll(PIECE)) {
    if (piece === '{') open++;
    if (piece === '}') open--;
    if (open === 0) return text.slice(body, body + index);
  }
  return null;
};

/** What statements may return, and whether what follows them may be executed. */
interface Outcome {
  readonly returned: ReadonlySet<boolean | null>;
  readonly goesOn: boolean;
}

class NotUnderstood extends Error {}

/** Nested statements. */
const DEEPEST = 100;

/** What a function's statements return; null: not known. `holds` evaluates an expression. */
export const answerOf = (body: string, holds: (expression: string) => boolean | null): boolean | null => {
  const pieces: readonly Piece[] = [...body.matchAll(PIECE)].map(({ 0: text, index: at }) => ({ text, at }));
  let next = 0;
  const peek = (): string => pieces[next]?.text ?? '';
  const expect = (text: string): void => {
    if (peek() !== text) throw new NotUnderstood();
    next++;
  };
  /** The text up to `end` outside all parentheses, which is skipped. */
  const textUntil = (end: string): string => {
    const from = pieces[next]?.at ?? body.length;
    for (let open = 0; next < pieces.length; next++) {
      const { text, at } = pieces[next] ?? { text: '', at: body.length };
      if (text === end && open === 0) {
        next++;
        return body.slice(from, at);
      }
      if (text === '(') open++;
      if (text === ')') open--;
    }
    throw new NotUnderstood();
  };
  const statement = (depth: number): Outcome => {
    if (depth > DEEPEST) throw new NotUnderstood();
    const word = peek();
    next++;
    switch (word) {
      case ';':
        return { returned: new Set(), goesOn: true };
      case '{': {
        const inner = statements(depth + 1);
        expect('}');
        return inner;
      }
      case 'return':
        return { returned: new Set([holds(textUntil(';'))]), goesOn: false };
      case 'if': {
        expect('(');
        const condition = holds(textUntil(')'));
        const first = statement(depth + 1);
        let other: Outcome = { returned: new Set(), goesOn: true };
        if (peek() === 'else') {
          next++;
          other = statement(depth + 1);
        }
        if (condition !== null) return condition ? first : other;
        return {
          returned: new Set([...first.returned, ...other.returned]),
          goesOn: first.goesOn || other.goesOn,
        };
      }
      default:
        throw new NotUnderstood();
    }
  };
  const statements = (depth: number): Outcome => {
    const returned = new Set<boolean | null>();
    let goesOn = true;
    while (next < pieces.length && peek() !== '}') {
      const one = statement(depth);
      if (goesOn) for (const value of one.returned) returned.add(value);
      goesOn &&= one.goesOn;
    }
    return { returned, goesOn };
  };
  try {
    const { returned, goesOn } = statements(0);
    const [answer] = returned;
    return !goesOn && next === pieces.length && returned.size === 1 && answer !== undefined ? answer : null;
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
};
