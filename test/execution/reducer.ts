// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Makes a program smaller as long as something holds of it: leaves out functions
// and statements, takes statements out of their blocks, and replaces an expression
// by an operand or a constant. Nothing holds of a candidate that does not compile,
// so nothing here knows C.

import { block, expr, type Node } from './syntax.js';

const isNode = (part: string | Node): part is Node => typeof part !== 'string';

/** The node with parts [from, to) replaced. */
const splice = (node: Node, from: number, to: number, by: readonly (string | Node)[]): Node => ({
  ...node,
  parts: [...node.parts.slice(0, from), ...by, ...node.parts.slice(to)],
});

/** Changes of the node itself, the largest first. */
function* ownChanges(node: Node): Generator<Node> {
  const count = node.parts.length;
  switch (node.kind) {
    case 'program':
    case 'block':
      for (let size = count; size >= 1; size = Math.floor(size / 2))
        for (let from = 0; from < count; from += size) yield splice(node, from, from + size, []);
      for (const [i, part] of node.parts.entries())
        if (isNode(part) && part.kind === 'statement')
          for (const inner of part.parts)
            if (isNode(inner) && inner.kind === 'block') yield splice(node, i, i + 1, inner.parts);
      return;
    case 'expression':
      if (node.parts.length === 1 && typeof node.parts[0] === 'string') {
        if (!/^[01]$/.test(node.parts[0])) yield* [expr`0`, expr`1`];
        return;
      }
      yield* [expr`0`, expr`1`];
      yield* node.parts.filter(isNode);
      return;
    case 'statement':
      // An empty block instead of a full one, for arms that cannot be left out.
      for (const [i, part] of node.parts.entries())
        if (isNode(part) && part.kind === 'block' && part.parts.length > 0)
          yield splice(node, i, i + 1, [block([])]);
      return;
    case 'function':
      return;
    default:
      node.kind satisfies never;
  }
}

function* changes(node: Node): Generator<Node> {
  yield* ownChanges(node);
  for (const [i, part] of node.parts.entries())
    if (isNode(part)) for (const changed of changes(part)) yield splice(node, i, i + 1, [changed]);
}

/** The smallest program found in `attempts` tries for which `holds` is true. */
export const reduce = async (
  program: Node,
  holds: (candidate: Node) => Promise<boolean>,
  attempts: number,
): Promise<Node> => {
  let best = program;
  let left = attempts;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of changes(best)) {
      if (left-- <= 0) return best;
      if (!(await holds(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
};
