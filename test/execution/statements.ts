// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Random statements. Every program ends: gotos lead forward (a label is placed
// only after the gotos that name it, though perhaps inside another block),
// loops count to three at most, and helpers call only those before them.

import { assignment, call, handing, opaque, sink } from './actions.js';
import { again, condition, data, dataCondition, guard, kept, value } from './expressions.js';
import { join, update } from './joins.js';
import { CAPABILITIES, constant, index, newDatum, newLabel, type Scope } from './scope.js';
import { block, expr, type Node, stmt } from './syntax.js';

type Maker = () => Node;

/** Most conditions of branches that are remembered. */
const REMEMBERED = 4;

const jump = (scope: Scope): Node => {
  const { random, labels } = scope;
  const known = labels.length > 0 && random.chance(0.6) ? random.pick(labels) : null;
  const label = known ?? newLabel(scope);
  const prefix = (): readonly Node[] => (random.chance(0.5) ? [assignment(scope)] : []);
  const other = labels.length > 0 ? random.pick(labels) : label;
  const made = scope.choose<Maker>('jump', [
    [3, () => stmt`if (${condition(scope, 1)}) ${block([...prefix(), stmt`goto ${label};`])}`],
    [
      0.3,
      () =>
        stmt`if (${condition(scope, 1)}) {\n\t\tstatic const void *const to[] = { &&${label}, &&${other} };\n\t\tgoto *to[${value(scope, 1)} & 1];\n\t}`,
    ],
    [1, () => stmt`ALT_GOTO(${String(random.pick([...CAPABILITIES, 11]))}, ${label});`],
  ])();
  if (known === null) labels.push(label);
  return made;
};

export const leave = (scope: Scope, x: Node, y: Node): Node => {
  const { random, result } = scope;
  switch (result) {
    case 'u64':
      return stmt`return ${x};`;
    case 'bool':
      return stmt`return ${y};`;
    case 'struct pair':
      return random.chance(0.3)
        ? stmt`return (struct pair){ ${x}, ${y} ? (u64)${newDatum(scope)} : 0 };`
        : stmt`return (struct pair){ ${x}, ${y} };`;
    case 'struct wide':
      return stmt`return (struct wide){ ${x}, ${data(scope)}, ${y} };`;
    default:
      return result satisfies never;
  }
};

const loop = (scope: Scope, depth: number): Node => {
  const { random, loops, favourite } = scope;
  const inner: Scope = { ...scope, loops: loops + 1, isInSwitch: false };
  // In the order of the text: a label is placed behind the gotos that name it.
  const first = statements(inner, random.below(4), depth - 1);
  // What the next round finds.
  const carried = random.chance(0.4)
    ? [...keeping(inner, depth - 1), stmt`${favourite} = ${data(scope)};`]
    : [];
  const body = [...first, ...carried];
  const i = `i${loops}`;
  return random.chance(0.7)
    ? stmt`for (${i} = 0; ${i} < (${value(scope, 1)} & 3); ${i}++) ${block(body)}`
    : stmt`${i} = ${constant(random)} & 3;\n\tdo ${block(body)} while (${i} > 0 && ${i}-- && ${condition(scope, 1)});`;
};

const choice = (scope: Scope, depth: number): Node => {
  const { random } = scope;
  const inner: Scope = { ...scope, isInSwitch: true };
  const arms = Array.from({ length: 3 + random.below(6) }, (_, i) => {
    const body = statements(inner, 1 + random.below(2), depth - 1);
    const end = random.chance(0.75) ? [stmt`break;`] : [];
    return stmt`${i === 0 && random.chance(0.3) ? 'default' : `case ${i}`}: ${block([...body, ...end])}`;
  });
  return stmt`switch (${value(scope, 1)}${random.chance(0.4) ? ' & 7' : ''}) ${block(arms)}`;
};

const branch = (scope: Scope, depth: number): Node => {
  const { random } = scope;
  const inner = () => block(statements(scope, 1 + random.below(3), depth - 1));
  const test = scope.choose<Maker>('branch', [
    [3, () => again(scope)],
    [2, () => dataCondition(scope, 1)],
    [3, () => condition(scope, 2)],
  ])();
  if (scope.conditions.length < REMEMBERED && random.chance(0.6)) scope.conditions.push(test);
  return random.chance(0.35) ? stmt`if (${test}) ${inner()} else ${inner()}` : stmt`if (${test}) ${inner()}`;
};

/** A use of the host behind something that may be a guard. */
const guarded = (scope: Scope, depth: number): Node => {
  const { random } = scope;
  const base = scope.choose<Maker>('guarded', [
    [8, () => kept(scope)],
    [3, () => guard(scope, 1)],
    [1, () => expr`(${guard(scope, 1)} && ${condition(scope, 1)})`],
    [1, () => expr`(${condition(scope, 1)} && ${kept(scope)})`],
    [0.7, () => expr`(${condition(scope, 0)} || ${guard(scope, 1)})`],
  ])();
  const test = random.chance(0.2) ? expr`${random.pick(['likely', 'unlikely'])}(${base})` : base;
  const rest = () => (random.chance(0.3) ? statements(scope, 1, depth - 1) : []);
  const sinks = () => block([sink(scope), ...rest()]);
  return scope.choose<Maker>('guarded 2', [
    [5, () => stmt`if (${test}) ${sinks()}`],
    [1.5, () => stmt`if (!${test}) ${block(statements(scope, 1, depth - 1))} else ${sinks()}`],
    [1, () => stmt`if (${test}) ${sinks()} else ${block(statements(scope, 1, depth - 1))}`],
  ])();
};

const early = (scope: Scope): Node => leave(scope, value(scope, 1), condition(scope, 1));

/** A guard that is kept over a call and used after it. */
export const keeping = (scope: Scope, depth: number): readonly Node[] => {
  const { random } = scope;
  return [
    ...(random.chance(0.8) ? [(random.chance(0.3) ? call(scope) : null) ?? opaque(scope)] : []),
    guarded(scope, depth),
    ...(random.chance(0.3) ? [stmt`p[${String(index(random))}] = ${kept(scope)};`] : []),
  ];
};

export const joining = (scope: Scope, depth: number): readonly Node[] => {
  const { random } = scope;
  const inside = () => [
    ...(random.chance(0.9) ? keeping(scope, depth - 1) : []),
    ...(random.chance(0.3) ? statements(scope, 1, depth - 1) : []),
  ];
  return join(
    scope,
    inside,
    () => step(scope, 0),
    () => early(scope),
  );
};

/** One step: a statement, or several that belong together. */
const step = (scope: Scope, depth: number): readonly Node[] => {
  const { random, loops, isInSwitch } = scope;
  const deep = depth > 0 ? 1 : 0;
  const one = (maker: () => Node | null) => () => {
    const made = maker();
    return made === null ? [] : [made];
  };
  return scope.choose<() => readonly Node[]>('step', [
    [1.5, one(() => sink(scope))],
    [4 * deep, one(() => guarded(scope, depth))],
    [depth > 0 ? 6 : 2, () => keeping(scope, depth)],
    [2, one(() => update(scope, () => step(scope, 0)))],
    [5 * deep, () => joining(scope, depth)],
    [6, one(() => assignment(scope))],
    [3, one(() => opaque(scope))],
    [3, one(() => call(scope))],
    [1, () => handing(scope)],
    [6 * deep, one(() => branch(scope, depth))],
    [loops < 2 ? 1.5 * deep : 0, one(() => loop(scope, depth))],
    [1 * deep, one(() => choice(scope, depth))],
    [2, one(() => jump(scope))],
    [0.8, one(() => stmt`if (${condition(scope, 1)}) ${early(scope)}`)],
    [
      loops > 0 && !isInSwitch ? 1 : 0,
      one(() => stmt`if (${condition(scope, 1)}) ${random.pick(['break', 'continue'])};`),
    ],
  ])();
};

/** Some statements, with labels placed among them. */
export const statements = (scope: Scope, count: number, depth: number): readonly Node[] => {
  const { random, labels } = scope;
  const made: Node[] = [];
  // A program that prefers nested steps has to end as well.
  if (depth < -1) return made;
  for (let i = 0; i < count; i++) {
    if (labels.length > 0 && random.chance(0.25)) {
      // Often, control does not fall into the label.
      if (random.chance(0.3)) made.push(leave(scope, value(scope, 0), condition(scope, 0)));
      const [label] = labels.splice(random.below(labels.length), 1);
      if (label !== undefined) made.push(stmt`${label}:;`);
    }
    made.push(...step(scope, depth));
  }
  return made;
};
