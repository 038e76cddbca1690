// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Blocks that are entered from several sides, by data and by a static key or an
// alternative, with something kept that differs by side: early returns, gotos
// and conditions tested twice. It is there that an analysis which forgets to
// join says too much.

import { condition, data, dataCondition, guard, key, value } from './expressions.js';
import { flagIn, newLabel, type Scope, variableIn } from './scope.js';
import { block, expr, type Node, stmt } from './syntax.js';

type Maker = () => Node;
type Makers = () => readonly Node[];

/** What is kept, changed. */
const change = (scope: Scope): Node => {
  const { random, favourite } = scope;
  const target = random.chance(0.8) ? favourite : random.pick([flagIn(scope), variableIn(scope)]);
  return stmt`${target} = ${random.chance(0.75) ? data(scope) : value(scope, 1)};`;
};

const ofData = (scope: Scope): Node =>
  scope.random.chance(0.8) ? dataCondition(scope, 0) : condition(scope, 1);

/** Changes what is kept where a condition holds that may be tested again. */
export const update = (scope: Scope, rest: Makers): Node => {
  const test = ofData(scope);
  scope.conditions.push(test);
  return scope.random.chance(0.75)
    ? stmt`if (${test}) ${change(scope)}`
    : stmt`if (${test}) ${block([change(scope), ...rest()])}`;
};

/** `inside` is entered where data says so, or else where another condition does. */
export const join = (scope: Scope, inside: Makers, aside: Makers, away: Maker): readonly Node[] => {
  const { random } = scope;
  const test = ofData(scope);
  const other = scope.choose<Maker>('join', [
    [5, () => key(scope)],
    [1, () => condition(scope, 1)],
    [1, () => guard(scope, 0)],
    [1, () => expr`(${dataCondition(scope, 0)} && ${key(scope)})`],
  ])();
  scope.conditions.push(test);
  const hint = (made: Node) =>
    random.chance(0.25) ? expr`${random.pick(['likely', 'unlikely'])}(${made})` : made;
  const sometimes = (probability: number, makers: Makers) => (random.chance(probability) ? makers() : []);
  const label = newLabel(scope);
  const ways: readonly (readonly [number, Makers])[] = [
    [
      3,
      () => [
        stmt`if (${hint(test)}) ${change(scope)}`,
        ...sometimes(0.2, aside),
        stmt`if (${hint(expr`(${test} || ${other})`)}) ${block(inside())}`,
      ],
    ],
    [
      3,
      () => [
        stmt`if (${hint(test)}) ${block([change(scope), ...sometimes(0.2, aside)])} else if (${hint(expr`!${other}`)}) ${away()}`,
        ...inside(),
      ],
    ],
    [
      3,
      () => [
        stmt`if (${hint(test)}) ${block([change(scope), stmt`goto ${label};`])}`,
        ...sometimes(0.2, aside),
        stmt`if (${hint(other)}) ${block([...sometimes(0.2, () => [change(scope)]), stmt`goto ${label};`])}`,
        ...sometimes(0.3, aside),
        ...sometimes(0.6, () => [away()]),
        stmt`${label}:;`,
        ...inside(),
      ],
    ],
    [
      1,
      () => [
        stmt`if (${hint(test)}) ${block([change(scope), stmt`goto ${label};`])}`,
        stmt`if (${hint(other)}) ${block([stmt`${label}:;`, ...inside()])}`,
      ],
    ],
  ];
  return scope.choose('join 2', ways)();
};
