// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Blocks that are entered on several paths, by data and by a static key or an
// alternative, with a variable that differs from path to path: early returns, gotos
// and conditions tested twice. An analysis that does not join states there excuses
// too much.

import { condition, data, dataCondition, guard, key, value } from './expressions.js';
import { flagIn, newLabel, type Scope, variableIn } from './scope.js';
import { block, expr, type Node, stmt } from './syntax.js';

type Maker = () => Node;
type Makers = () => readonly Node[];

/** A change of a variable that may hold a guard. */
const change = (scope: Scope): Node => {
  const { random, favourite } = scope;
  const target = random.chance(0.8) ? favourite : random.pick([flagIn(scope), variableIn(scope)]);
  return stmt`${target} = ${random.chance(0.75) ? data(scope) : value(scope, 1)};`;
};

const ofData = (scope: Scope): Node =>
  scope.random.chance(0.8) ? dataCondition(scope, 0) : condition(scope, 1);

/** Changes such a variable under a condition that may be tested again. */
export const update = (scope: Scope, rest: Makers): Node => {
  const test = ofData(scope);
  scope.conditions.push(test);
  return scope.random.chance(0.75)
    ? stmt`if (${test}) ${change(scope)}`
    : stmt`if (${test}) ${block([change(scope), ...rest()])}`;
};

/** `inside` is entered if data says so, or else if another condition holds. */
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
