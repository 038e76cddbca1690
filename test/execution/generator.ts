// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A random program: up to four helpers, which call each other, and an entry that
// the host calls. Most of its guards are kept in variables, which change on some
// paths.

import { condition, data, guard, value } from './expressions.js';
import { type Random, randomFrom } from './random.js';
import {
  constant,
  FLAGS,
  type Helper,
  type Names,
  type Result,
  type Scope,
  tasteOf,
  VARIABLES,
} from './scope.js';
import { joining, keeping, leave, statements } from './statements.js';
import { block, expr, func, type Node, program, stmt, textOf } from './syntax.js';

/** Beside the parameters a, b, p and c. */
const declarations = (scope: Scope): readonly Node[] => {
  const { random } = scope;
  const initial = (name: string) => {
    const isFavourite = name === scope.favourite;
    return random.weighted<() => Node>([
      [isFavourite ? 12 : 2, () => guard(scope, 0)],
      [isFavourite ? 1 : 6, () => data(scope)],
      [1, () => (name.startsWith('g') ? expr`false` : constant(random))],
      [1, () => condition(scope, 1)],
    ])();
  };
  const fallback = scope.helpers.find(({ result }) => result === 'u64')?.name ?? '(function)hyp_random';
  // First those that the initial values of the others may use.
  return [
    stmt`struct pair r = { 0, 0 };`,
    stmt`struct wide w = { 0, 0, 0 };`,
    stmt`u64 ${VARIABLES.map((v) => `${v} = 0`).join(', ')}, i0 = 0, i1 = 0, *q = p;`,
    stmt`bool ${FLAGS.map((g) => `${g} = false`).join(', ')};`,
    stmt`function f = ${fallback};`,
    ...[...scope.variables, ...scope.flags].map((name) => stmt`${name} = ${initial(name)};`),
  ];
};

/** A function's statements; `uncalled` tells which helpers still need a caller. */
const bodyOf = (
  scope: Scope,
  size: number,
  depth: number,
  uncalled: (body: readonly Node[]) => readonly string[] = () => [],
): readonly Node[] => {
  const { random, labels } = scope;
  const before = random.below(size + 1);
  const start = [
    ...declarations(scope),
    ...statements(scope, before, depth),
    ...(random.chance(0.7) ? joining(scope, depth) : keeping(scope, depth)),
    ...statements(scope, size - before, depth),
  ];
  const calls = uncalled(start).map((name) => stmt`${name}(${value(scope, 1)}, ${value(scope, 1)}, p, c);`);
  const end = calls.length > 0 ? statements(scope, 2, depth) : [];
  const after = labels.splice(0).flatMap((label) => [stmt`${label}:;`, ...statements(scope, 1, 1)]);
  // Statements after the last labels may have made more.
  const last = labels.splice(0).map((label) => stmt`${label}:;`);
  const result = leave(scope, value(scope, 1), condition(scope, 1));
  return [...start, ...calls, ...end, ...after, ...last, result];
};

const linkage = (random: Random): string =>
  random.weighted([
    [5, 'static NEVER_INLINE HYP'],
    [3, 'static HYP'],
    [1, 'static ALWAYS_INLINE HYP'],
    [1, 'NEVER_INLINE HYP'],
  ]);

interface Size {
  /** Least and most steps of the entry; `depth`: how deep they nest. */
  readonly steps: readonly [number, number];
  readonly depth: number;
  readonly helpers: readonly (readonly [weight: number, count: number])[];
  /** Most steps of a helper. */
  readonly helperSteps: number;
  readonly variables: number;
  readonly flags: number;
  /** The probability of a context. */
  readonly context: number;
}

/** Most are small: in large programs paths meet in more places than in code that people write. */
const sizes: readonly (readonly [weight: number, size: Size])[] = [
  [
    5,
    {
      ...{ steps: [0, 1], depth: 2, helperSteps: 1, variables: 1, flags: 1, context: 0.1 },
      helpers: [
        [8, 0],
        [2, 1],
      ],
    },
  ],
  [
    3,
    {
      ...{ steps: [0, 2], depth: 2, helperSteps: 2, variables: 2, flags: 1, context: 0.3 },
      helpers: [
        [3, 0],
        [4, 1],
        [2, 2],
      ],
    },
  ],
  [
    2,
    {
      ...{ steps: [2, 7], depth: 3, helperSteps: 4, variables: 3, flags: 2, context: 0.7 },
      helpers: [
        [2, 1],
        [2, 2],
        [2, 3],
        [1, 4],
      ],
    },
  ],
];

const variablesOf = (random: Random, size: Size): Pick<Scope, 'variables' | 'flags' | 'favourite'> => {
  const variables = VARIABLES.slice(0, 1 + random.below(size.variables));
  const flags = FLAGS.slice(0, 1 + random.below(size.flags));
  return { variables, flags, favourite: random.pick([...variables, ...flags]) };
};

const PARAMETERS = '(u64 a, u64 b, u64 *p, struct context *c)';

/** The program called `name` that `seed` makes. */
export const generate = (seed: number, name: string): Node => {
  const random = randomFrom(seed);
  const choose = tasteOf(random);
  const size = random.weighted(sizes);
  const context = random.chance(size.context) ? 1 : 0;
  const names: Names = { program: name, sinks: 0, data: 0, labels: 0 };
  const scopeOf = (
    helpers: readonly Helper[],
    result: Result,
    selectors: readonly string[],
    tables: readonly string[],
    isEntry: boolean,
    self: string | null,
  ): Scope => ({
    ...{ random, choose, names, helpers, selectors, tables, result, isEntry, self },
    ...{ conditions: [], labels: [], loops: 0, isInSwitch: false, context },
    ...variablesOf(random, size),
  });
  const functions: Node[] = [];
  const helpers: Helper[] = [];
  for (let i = random.weighted(size.helpers); i > 0; i--) {
    const result = random.weighted<Result>([
      [5, 'u64'],
      [2, 'bool'],
      [2, 'struct pair'],
      [1, 'struct wide'],
    ]);
    const helper = { name: `h${name}_${helpers.length}`, result };
    const scope = scopeOf([...helpers], result, [], [], false, result === 'u64' ? helper.name : null);
    const body = bodyOf(scope, random.below(size.helperSteps + 1), 1);
    // Code that calls itself, or whose labels are stored, cannot be inlined.
    const isFixed = new RegExp(`\\b${helper.name}\\(|goto \\*`).test(body.map(textOf).join(''));
    const how = isFixed ? 'static NEVER_INLINE HYP' : linkage(random);
    functions.push(func`${how} ${result} ${helper.name}${PARAMETERS}\n${block(body)}\n`);
    helpers.push(helper);
  }
  const integers = helpers.filter(({ result }) => result === 'u64').map((helper) => helper.name);
  const selectors: string[] = [];
  const tables: string[] = [];
  if (integers.length > 0 && random.chance(0.3)) {
    selectors.push(`select${name}`);
    functions.push(func`SELECT(select${name}, ${random.pick(integers)}, ${random.pick(integers)})\n`);
  }
  if (integers.length > 0 && random.chance(0.2)) {
    tables.push(`table${name}`);
    functions.push(
      func`static const function table${name}[] = { ${random.pick(integers)}, ${random.pick(integers)} };\n`,
    );
  }
  const scope = scopeOf(helpers, 'u64', selectors, tables, true, null);
  const first = context ? stmt`struct context s = { 0 }, *c = &s;` : stmt`struct context *c = 0;`;
  // The name of a helper without a caller occurs once, in its definition.
  const uncalled = (start: readonly Node[]) => {
    const text = [...functions, ...start].map(textOf).join('');
    return helpers.map((helper) => helper.name).filter((helper) => text.split(helper).length === 2);
  };
  const [least, most] = size.steps;
  const body = [first, ...bodyOf(scope, least + random.below(most - least + 1), size.depth, uncalled)];
  functions.push(func`HYP u64 t${name}(u64 a, u64 b, u64 *p)\n${block(body)}\n`);
  return program(functions);
};
