// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Random statements without inner ones: uses of the host, calls of code that the
// compiler cannot see, assignments, and calls of helpers.

import { condition, data, guard, value } from './expressions.js';
import { CAPABILITIES, flagIn, index, newDatum, newSink, type Scope, variableIn } from './scope.js';
import { expr, type Node, stmt } from './syntax.js';

type Maker = () => Node;

/** Uses something of the host. */
export const sink = (scope: Scope): Node => {
  const { random } = scope;
  const v = variableIn(scope);
  return scope.choose<Maker>('sink', [
    [6, () => stmt`${newSink(scope)}();`],
    [2, () => stmt`${v} = ${newSink(scope)}(${value(scope, 1)});`],
    [1, () => stmt`p[${String(index(random))}] = ${newSink(scope)}(p);`],
    [1, () => stmt`${flagIn(scope)} = ${newSink(scope)}(c, p) & 1;`],
    [0.7, () => stmt`${newDatum(scope)}[0] = ${value(scope, 1)};`],
    [0.7, () => stmt`hyp_use(${newDatum(scope)}[0]);`],
    [0.5, () => stmt`hyp_use((u64)${newDatum(scope)});`],
    [0.5, () => stmt`CALL_UNKNOWN(p, ${value(scope, 1)}, (u64)${newDatum(scope)});`],
    [0.4, () => stmt`q = ${newDatum(scope)};`],
    [0.4, () => stmt`${v} = (u64)${newDatum(scope)};`],
    [0.4, () => stmt`r.first = (u64)${newDatum(scope)};`],
    [0.4, () => stmt`f = (function)${newSink(scope)};`],
    [
      0.3,
      () => stmt`ALT_CALL(${String(random.pick(CAPABILITIES))}, "${newSink(scope)}", "${newSink(scope)}");`,
    ],
    [0.3, () => stmt`ALT_CALL(11, "${newSink(scope)}", "${newSink(scope)}");`],
  ])();
};

export const opaque = (scope: Scope): Node => {
  const { random } = scope;
  return scope.choose<Maker>('opaque', [
    [4, () => stmt`p[${String(index(random))}] = hyp_random(${value(scope, 1)});`],
    [0.7, () => stmt`${variableIn(scope)} = hyp_random(${value(scope, 1)});`],
    [3, () => stmt`hyp_scribble(p + ${String(index(random))});`],
    [scope.context, () => stmt`hyp_scribble(c);`],
    [1, () => stmt`hyp_use(${value(scope, 1)});`],
    [1, () => stmt`CALL_UNKNOWN(p, ${value(scope, 1)}, ${value(scope, 1)});`],
  ])();
};

export const assignment = (scope: Scope): Node => {
  const { random } = scope;
  const flag = flagIn(scope);
  const variable = variableIn(scope);
  return scope.choose<Maker>('assignment', [
    [3, () => stmt`${flag} = ${condition(scope, 1)};`],
    [2, () => stmt`${flag} = ${value(scope, 1)} & 1;`],
    [1.5, () => stmt`${flag} = ${guard(scope, 1)};`],
    [1, () => stmt`${variable} = ${guard(scope, 1)};`],
    [4, () => stmt`${variable} = ${value(scope, 2)};`],
    [2, () => stmt`${variable} = ${value(scope, 1)} & 1;`],
    [2, () => stmt`p[${String(index(random))}] = ${value(scope, 1)};`],
    [0.7, () => stmt`p[${String(index(random))}] = ${guard(scope, 1)};`],
    [scope.context, () => stmt`c->flag = ${condition(scope, 1)};`],
    [scope.context, () => stmt`c->${random.pick(['x', 'y', 'w', 'kind', 'bits'])} = ${value(scope, 1)};`],
    [0.5, () => stmt`asm volatile("" : "+r"(${variable}));`],
    [1, () => stmt`${variable} = (${guard(scope, 1)} << 2) | (${data(scope)} & 3);`],
    [0.5, () => stmt`ADD_TO(p[${String(index(random))}], ${value(scope, 1)});`],
    [0.3, () => stmt`${variable} = ADD_TO(p[${String(index(random))}], ${value(scope, 1)});`],
    [0.15, () => stmt`WORD_NOP();`],
    [scope.context, () => stmt`c->bit = ${condition(scope, 1)};`],
    [0.4, () => stmt`q = p + ${String(index(random))};`],
    [0.6, () => stmt`q[0] = ${value(scope, 1)};`],
    [0.4, () => stmt`hyp_use((u64)q);`],
  ])();
};

export const call = (scope: Scope): Node | null => {
  const { random, helpers, selectors, tables } = scope;
  const x = value(scope, 1);
  const y = value(scope, 1);
  const variable = variableIn(scope);
  const integers = helpers.filter(({ result }) => result === 'u64').map(({ name }) => name);
  const direct = (): Node => {
    const { name, result } = random.pick(helpers);
    const targets = { u64: variable, bool: flagIn(scope), 'struct pair': 'r', 'struct wide': 'w' };
    return stmt`${random.chance(0.2) ? '' : `${targets[result]} = `}${name}(${x}, ${y}, p, c);`;
  };
  const memory = scope.context === 1 && random.chance(0.3) ? 'c->call' : 'f';
  const makers: readonly (readonly [number, Maker])[] = [
    [helpers.length > 0 ? 4 : 0, direct],
    [integers.length > 0 ? 1.5 : 0, () => stmt`${memory} = ${random.pick(integers)};`],
    [
      integers.length > 1 ? 1 : 0,
      () => stmt`f = ${condition(scope, 1)} ? ${random.pick(integers)} : ${random.pick(integers)};`,
    ],
    [integers.length > 0 ? 1.5 : 0, () => stmt`${variable} = f(${x}, ${y}, p, c);`],
    [
      integers.length > 0 && scope.isEntry ? 0.7 * scope.context : 0,
      () => stmt`if (c->call) ${variable} = c->call(${x}, ${y}, p, c);`,
    ],
    [selectors.length > 0 ? 3 : 0, () => stmt`${variable} = ${random.pick(selectors)}()(${x}, ${y}, p, c);`],
    [
      tables.length > 0 ? 2 : 0,
      () => stmt`${variable} = ${random.pick(tables)}[${x} & 1](${x}, ${y}, p, c);`,
    ],
  ];
  const { self } = scope;
  // b counts down to 0: the recursion is at most three deep.
  if (self !== null && scope.loops === 0 && random.chance(0.1))
    return stmt`if (b - 1 < 3) ${variable} = ${self}(${x}, b - 1, p, c);`;
  return makers.some(([weight]) => weight > 0) ? scope.choose('call', makers)() : null;
};

/** Passes an address to an unknown function; the address is kept over a call, or is the result of one. */
export const handing = (scope: Scope): readonly Node[] => {
  const { random, helpers } = scope;
  const pairs = helpers.filter(({ result }) => result === 'struct pair');
  const integers = helpers.filter(({ result }) => result === 'u64');
  const called = integers.length > 0 ? random.pick(integers).name : null;
  const result = called === null ? expr`hyp_random(b)` : expr`${called}(a, ${value(scope, 1)}, p, c)`;
  const variable = variableIn(scope);
  if (pairs.length > 0 && random.chance(0.6))
    return [
      stmt`r = ${random.pick(pairs).name}(${value(scope, 1)}, ${value(scope, 1)}, p, c);`,
      stmt`CALL_UNKNOWN(p, r.first, r.second);`,
    ];
  const test = random.chance(0.5) ? condition(scope, 1) : guard(scope, 1);
  if (called !== null && random.chance(0.5))
    return [
      stmt`f = ${test} ? ${called} : ${random.pick(integers).name};`,
      stmt`${variable} = ${result};`,
      stmt`CALL_UNKNOWN_WITH(p, ${random.chance(0.5) ? variable : '1'}, f);`,
    ];
  return [
    stmt`q = ${test} ? ${newDatum(scope)} : p;`,
    stmt`${variable} = ${result};`,
    stmt`CALL_UNKNOWN(p, ${random.chance(0.5) ? variable : '1'}, (u64)q);`,
  ];
};
