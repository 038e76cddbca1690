// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The value of an #if: what headers of the kernel write there. A name that is
// not defined is 0, as C has it; what cannot be understood is 0 as well.

export interface ExpressionNames {
  isDefined(name: string): boolean;
  /** The text that a name stands for; null for none and for macros with parameters. */
  valueOf(name: string): string | null;
}

const PIECE = /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|'(?:[^'\\]|\\.)+'|&&|\|\||[<>=!]=|<<|>>|.)/gy;

/** Operators by how tightly they bind. */
const levels: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  { '|': (a, b) => a | b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
  },
  { '<<': (a, b) => a << b, '>>': (a, b) => a >> b },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => Math.trunc(a / (b || 1)), '%': (a, b) => a % (b || 1) },
];

const DEEPEST = 32;

export const evaluate = (text: string, names: ExpressionNames, depth = 0): number => {
  const pieces = [...text.matchAll(PIECE)].map((match) => match[1] ?? '');
  let at = 0;
  const binary = (level: number): number => {
    const operators = levels[level];
    if (!operators) return unary();
    let value = binary(level + 1);
    for (;;) {
      const operator = Object.hasOwn(operators, pieces[at] ?? '') ? operators[pieces[at] ?? ''] : undefined;
      if (!operator) return value;
      at++;
      value = operator(value, binary(level + 1));
    }
  };
  const unary = (): number => {
    const piece = pieces[at++];
    if (piece === undefined) return 0;
    if (piece === '!') return Number(unary() === 0);
    if (piece === '-') return -unary();
    if (piece === '+') return unary();
    if (piece === '~') return ~unary();
    if (piece === '(') {
      const value = binary(0);
      if (pieces[at] === ')') at++;
      return value;
    }
    if (piece === 'defined') return Number(names.isDefined(argument()[0] ?? ''));
    if (/^\d/.test(piece)) return Number(piece.replace(/^0(?=\d)/, '0o'));
    return /^\w/.test(piece) ? name(piece) : 0;
  };
  /** The pieces of `(...)`, or the one piece that stands without them. */
  const argument = (): readonly string[] => {
    if (pieces[at] !== '(') return [pieces[at++] ?? ''];
    const from = ++at;
    for (let open = 1; at < pieces.length && open > 0; at++) {
      if (pieces[at] === '(') open++;
      if (pieces[at] === ')') open--;
    }
    return pieces.slice(from, at - 1);
  };
  const name = (word: string): number => {
    if (pieces[at] === '(') {
      const [first = ''] = argument();
      if (/^IS_(ENABLED|REACHABLE)$/.test(word))
        return Number(names.isDefined(first) || names.isDefined(`${first}_MODULE`));
      if (word === 'IS_BUILTIN') return Number(names.isDefined(first));
      return Number(word === '__has_attribute' || word === '__has_builtin');
    }
    const value = names.valueOf(word);
    return value === null || depth >= DEEPEST ? 0 : evaluate(value, names, depth + 1);
  };
  return binary(0);
};
