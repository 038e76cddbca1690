// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A program as a tree that can be printed and reduced. A node is C text with
// holes, and its kind says what may stand in its place: that is all a reducer
// has to know of C, since a candidate that does not compile is no candidate.

/** What a node is:
 * - program: functions, the last one is the entry
 * - function: its text with one block
 * - block: statements, printed in braces
 * - statement: may be left out
 * - expression: an integer; a constant may stand in its place
 */
export type Kind = 'program' | 'function' | 'block' | 'statement' | 'expression';

export interface Node {
  readonly kind: Kind;
  readonly parts: readonly (string | Node)[];
}

type Hole = string | Node;

const of =
  (kind: Kind) =>
  (texts: TemplateStringsArray, ...holes: readonly Hole[]): Node => ({
    kind,
    parts: texts.flatMap((text, i) => {
      const hole = holes[i];
      return [...(text === '' ? [] : [text]), ...(hole === undefined ? [] : [hole])];
    }),
  });

/** Templates: expr`(${left} + ${right})`. */
export const expr = of('expression');
export const stmt = of('statement');
export const func = of('function');
export const block = (statements: readonly Node[]): Node => ({ kind: 'block', parts: statements });
export const program = (functions: readonly Node[]): Node => ({ kind: 'program', parts: functions });

const print = (part: string | Node, indent: string): string => {
  if (typeof part === 'string') return part;
  const inner = part.kind === 'block' ? `${indent}\t` : indent;
  const parts = part.parts.map((child) => print(child, inner));
  switch (part.kind) {
    case 'program':
      return parts.join('');
    case 'block':
      return `{\n${parts.map((text) => `${inner}${text}\n`).join('')}${indent}}`;
    case 'function':
    case 'statement':
    case 'expression':
      return parts.join('');
    default:
      return part.kind satisfies never;
  }
};

export const textOf = (node: Node): string => print(node, '');
