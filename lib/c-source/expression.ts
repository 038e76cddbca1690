// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The value of an #if (C11 6.10.1), in 64 bits. Peculiar: not all headers are read
// that a compiler reads, so the value of a part may not be known. The whole may be
// known nevertheless if that part does not matter (0 && X). What is not understood
// counts as not known.

/** null: not known. */
export type Value = bigint | null;

export interface Names {
  /** null: not known. */
  isDefined(name: string): boolean | null;
  /** The text that a name is defined as; null if there is none, and for macros with parameters. */
  textOf(name: string): string | null;
}

const PIECE = /\s*(0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|[A-Za-z_]\w*|&&|\|\||[<>=!]=|<<|>>|\S)/gy;
const NUMBER = /^(0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,22}|[1-9]\d{0,19})[uUlL]*$/;

const truth = (value: Value): boolean | null => (value === null ? null : value !== 0n);
const number = (holds: boolean | null): Value => (holds === null ? null : holds ? 1n : 0n);

/** true if one is; null if one may be. */
export const either = (a: boolean | null, b: boolean | null): boolean | null =>
  a === true || b === true ? true : a === null || b === null ? null : false;
export const not = (a: boolean | null): boolean | null => (a === null ? null : !a);
export const both = (a: boolean | null, b: boolean | null): boolean | null => not(either(not(a), not(b)));

type Operator = (a: Value, b: Value) => Value;

const ofKnown =
  (compute: (a: bigint, b: bigint) => Value | boolean): Operator =>
  (a, b) => {
    if (a === null || b === null) return null;
    const value = compute(a, b);
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : number(value);
  };

const isShift = (count: bigint): boolean => count >= 0n && count < 64n;

/** Operators by precedence, lowest first. */
const levels: readonly Readonly<Record<string, Operator>>[] = [
  { '||': (a, b) => number(either(truth(a), truth(b))) },
  { '&&': (a, b) => number(both(truth(a), truth(b))) },
  { '|': ofKnown((a, b) => a | b) },
  { '^': ofKnown((a, b) => a ^ b) },
  { '&': ofKnown((a, b) => a & b) },
  { '==': ofKnown((a, b) => a === b), '!=': ofKnown((a, b) => a !== b) },
  {
    '<': ofKnown((a, b) => a < b),
    '>': ofKnown((a, b) => a > b),
    '<=': ofKnown((a, b) => a <= b),
    '>=': ofKnown((a, b) => a >= b),
  },
  {
    '<<': ofKnown((a, b) => (isShift(b) ? a << b : null)),
    '>>': ofKnown((a, b) => (isShift(b) ? a >> b : null)),
  },
  { '+': ofKnown((a, b) => a + b), '-': ofKnown((a, b) => a - b) },
  {
    '*': ofKnown((a, b) => a * b),
    '/': ofKnown((a, b) => (b === 0n ? null : a / b)),
    '%': ofKnown((a, b) => (b === 0n ? null : a % b)),
  },
];
const binary: ReadonlyMap<string, readonly [level: number, operator: Operator]> = new Map(
  levels.flatMap((operators, level) =>
    Object.entries(operators).map(([sign, operator]) => [sign, [level, operator]] as const),
  ),
);

const unary: ReadonlyMap<string, (value: bigint) => bigint> = new Map([
  ['!', (value) => (value === 0n ? 1n : 0n)],
  ['-', (value) => BigInt.asIntN(64, -value)],
  ['+', (value) => value],
  ['~', (value) => ~value],
]);

/** include/linux/kconfig.h, where `=m` defines CONFIG_X_MODULE; and what headers ask of compilers, answered with yes. */
const macros: Readonly<
  Record<string, (isDefined: (suffix: string) => boolean | null, names: Names) => boolean | null>
> = {
  IS_ENABLED: (isDefined) => either(isDefined(''), isDefined('_MODULE')),
  IS_REACHABLE: (isDefined, names) =>
    either(isDefined(''), both(isDefined('_MODULE'), names.isDefined('MODULE'))),
  IS_BUILTIN: (isDefined) => isDefined(''),
  IS_MODULE: (isDefined) => isDefined('_MODULE'),
  __has_attribute: () => true,
  __has_builtin: () => true,
};

/** Nested parentheses, signs and macros: headers have a handful. */
const DEEPEST = 100;

export const evaluate = (text: string, names: Names): Value => evaluateWith(text, names, 0, new Map());

/** `known`: values of names that were evaluated before. */
const evaluateWith = (text: string, names: Names, depth: number, known: Map<string, Value>): Value => {
  const pieces = [...text.matchAll(PIECE)].map((match) => match[1] ?? '');
  let at = 0;
  let isUnderstood = true;
  let open = depth;
  const giveUp = (): Value => {
    isUnderstood = false;
    at = pieces.length;
    return null;
  };

  /** The value of what stands here, up to operators of lower precedence than `level`. */
  const expression = (level: number): Value => {
    let value = operand();
    for (;;) {
      const found = binary.get(pieces[at] ?? '');
      if (!found || found[0] < level) return value;
      at++;
      value = found[1](value, expression(found[0] + 1));
    }
  };
  const conditional = (): Value => {
    const condition = expression(0);
    if (pieces[at] !== '?') return condition;
    at++;
    if (++open > DEEPEST) return giveUp();
    const first = conditional();
    if (pieces[at++] !== ':') return giveUp();
    const second = conditional();
    open--;
    const holds = truth(condition);
    if (holds === null) return first === second ? first : null;
    return holds ? first : second;
  };
  const operand = (): Value => {
    const piece = pieces[at++] ?? '';
    const sign = unary.get(piece);
    if (sign || piece === '(') {
      if (++open > DEEPEST) return giveUp();
      const value = sign ? operand() : conditional();
      open--;
      if (sign) return value === null ? null : sign(value);
      return pieces[at++] === ')' ? value : giveUp();
    }
    if (piece === 'defined') {
      const [name = '', ...more] = pieces[at] === '(' ? argument() : [pieces[at++] ?? ''];
      return isName(name) && more.length === 0 ? number(names.isDefined(name)) : giveUp();
    }
    if (NUMBER.test(piece)) return BigInt(piece.replace(/[uUlL]+$/, '').replace(/^0(?=\d)/, '0o'));
    if (!isName(piece)) return giveUp();
    return pieces[at] === '(' ? callOf(piece, argument()) : valueOfName(piece);
  };
  /** The pieces of `(...)`. */
  const argument = (): readonly string[] => {
    const from = ++at;
    for (let parentheses = 1; parentheses > 0; at++) {
      if (at >= pieces.length) {
        giveUp();
        return [];
      }
      if (pieces[at] === '(') parentheses++;
      if (pieces[at] === ')') parentheses--;
    }
    return pieces.slice(from, at - 1);
  };
  const callOf = (macro: string, [option = '', ...more]: readonly string[]): Value => {
    const known = Object.hasOwn(macros, macro) && more.length === 0 ? macros[macro] : undefined;
    return known ? number(known((suffix) => names.isDefined(option + suffix), names)) : valueOfUnknown(macro);
  };
  /** A name that is not defined is 0, as in C. */
  const valueOfUnknown = (name: string): Value => (names.isDefined(name) === null ? null : 0n);
  const valueOfName = (name: string): Value => {
    const text = names.textOf(name);
    if (text === null) return valueOfUnknown(name);
    let value = known.get(name);
    if (value === undefined) {
      known.set(name, 0n); // within its own definition it is not a macro (C11 6.10.3.4)
      value = open < DEEPEST ? evaluateWith(text, names, open + 1, known) : null;
      known.set(name, value);
    }
    return value;
  };

  const value = conditional();
  return isUnderstood && at >= pieces.length ? value : null;
};

const isName = (piece: string): boolean => /^[A-Za-z_]/.test(piece);
