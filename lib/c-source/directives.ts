// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A text as the preprocessor sees it: line by line, with continued lines joined and
// comments removed; and which of its lines are compiled. If a condition is not
// known, both of its branches may be.

import { both, either, not } from './expression.js';

export interface Line {
  /** The word after #; null for a line of text. */
  readonly directive: string | null;
  /** What follows it, or the text. */
  readonly rest: string;
}

/** Comments, and literals that may hold something that looks like one. */
const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])'/g;

/** Joins continued lines and replaces each comment by a space. */
export const withoutComments = (text: string): string =>
  text.replace(/\\\r?\n/g, '').replace(COMMENT, (piece) => (piece.startsWith('/') ? ' ' : piece));

export const linesOf = (text: string): readonly Line[] =>
  withoutComments(text)
    .split('\n')
    .map((line) => {
      const [, directive, rest = ''] = /^\s*#\s*(\w+)(.*)$/s.exec(line) ?? [];
      return directive === undefined ? { directive: null, rest: line } : { directive, rest: rest.trim() };
    });

/** Whether something is compiled; null: not known. */
export type Compiled = boolean | null;

export class Conditionals {
  /** Of each open #if: whether it is compiled itself, whether a branch was taken, whether the current one is. */
  readonly #open: { readonly around: Compiled; taken: Compiled; here: Compiled }[] = [];
  readonly #holds: (directive: 'if' | 'ifdef' | 'ifndef', rest: string) => Compiled;

  /** `holds` evaluates a condition; it is called only if the result matters. */
  constructor(holds: (directive: 'if' | 'ifdef' | 'ifndef', rest: string) => Compiled) {
    this.#holds = holds;
  }

  /** Whether what follows is compiled. */
  get compiled(): Compiled {
    const top = this.#open.at(-1);
    return top ? both(top.around, top.here) : true;
  }

  /** Processes a directive; false if it does not belong to a conditional. */
  take({ directive, rest }: Line): boolean {
    const top = this.#open.at(-1);
    switch (directive) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const around = this.compiled;
        const here = around === false ? false : this.#holds(directive, rest);
        this.#open.push({ around, taken: here, here });
        return true;
      }
      case 'elif': {
        if (!top) return true;
        const isOpen = top.around !== false && top.taken !== true;
        const holds = isOpen ? this.#holds('if', rest) : false;
        top.here = both(not(top.taken), holds);
        top.taken = either(top.taken, holds);
        return true;
      }
      case 'else':
        if (top) {
          top.here = not(top.taken);
          top.taken = true;
        }
        return true;
      case 'endif':
        this.#open.pop();
        return true;
      default:
        return false;
    }
  }
}
