// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Random integers and conditions: has_vhe() in its forms, other capabilities'
// keys and alternatives, and data.

import { CAPABILITIES, constant, flagIn, index, type Result, type Scope, variableIn } from './scope.js';
import { expr, type Node } from './syntax.js';

type Maker = () => Node;

/** Most parts of conditions that are remembered. */
const REMEMBERED = 6;

const helperCall = (scope: Scope, result: 'u64' | 'bool', depth: number): Node | null => {
  const candidates = scope.helpers.filter((helper) => helper.result === result);
  if (candidates.length === 0) return null;
  const { name } = scope.random.pick(candidates);
  return expr`${name}(${value(scope, depth - 1)}, ${value(scope, depth - 1)}, p, c)`;
};

/** 1 if a helper has this result, else 0: a factor of weights. */
const returns = ({ helpers }: Scope, wanted: Result): number =>
  Number(helpers.some(({ result }) => result === wanted));

/** Any integer. */
export const value = (scope: Scope, depth: number): Node => {
  const { random } = scope;
  const inner = () => value(scope, depth - 1);
  const variable = () => expr`${variableIn(scope)}`;
  const leaves: readonly (readonly [number, Maker])[] = [
    [3, () => constant(random)],
    [4, variable],
    [2, () => expr`${random.pick(['a', 'b'])}`],
    [3, () => expr`p[${String(index(random))}]`],
    [1, () => expr`${flagIn(scope)}`],
    [scope.context, () => expr`${random.pick(['c->x', 'c->y', 'c->w', 'c->flag', 'c->kind', 'c->bits'])}`],
    [0.5 * returns(scope, 'struct pair'), () => expr`r.${random.pick(['first', 'second'])}`],
    [0.5 * returns(scope, 'struct wide'), () => expr`w.${random.pick(['first', 'second', 'third'])}`],
  ];
  if (depth <= 0) return scope.choose('value', leaves)();
  return scope.choose<Maker>('value 2', [
    ...leaves,
    [3, () => expr`(${inner()} ${random.pick(['+', '-', '&', '|', '^', '*'])} ${inner()})`],
    [1, () => expr`(${inner()} ${random.pick(['>>', '<<'])} ${String(1 + random.below(8))})`],
    [1, () => expr`(${inner()} & ${random.pick(['1', '3', '4', '7', '0x800'])})`],
    [2, () => expr`(${condition(scope, depth - 1)} ? ${inner()} : ${inner()})`],
    [0.7, () => expr`p[${inner()} & 15]`],
    [1, () => expr`hyp_random(${inner()})`],
    [1, () => helperCall(scope, 'u64', depth) ?? variable()],
    [0.5, () => expr`alt_value(${String(random.pick(CAPABILITIES))})`],
    [0.5, () => expr`alt_choose(${String(random.pick([...CAPABILITIES, 11, 11]))}, ${inner()}, ${inner()})`],
    [0.4, () => expr`alt_mask(${inner()})`],
    [0.3, () => expr`CALLBACK(${inner()})`],
    [0.6, () => expr`${guard(scope, depth - 1)}`],
  ])();
};

/** A number that no analysis can know. */
export const data = ({ random }: Scope): Node => {
  const k = String(index(random));
  const mask = random.pick(['', '', ' & 1', ' & 1', ' & 3']);
  return expr`${random.pick(['a', 'b', `p[${k}]`, `p[${k}]`])}${mask}`;
};

/** A condition that is false without VHE, or looks like one. */
export const guard = (scope: Scope, depth: number): Node => {
  const plain = () => expr`has_vhe()`;
  return scope.choose<Maker>('guard', [
    [8, plain],
    [1, () => expr`vhe_out_of_line()`],
    [0.7, () => expr`vhe_or(${value(scope, depth - 1)})`],
    [1, () => expr`cpus_have_cap(VHE)`],
    [0.5, () => expr`final_cap(VHE)`],
    [0.7, () => expr`KEY_OF(VHE)`],
    [0.5, () => expr`LIKELY_KEY_OF(VHE)`],
    [1, () => expr`alt_value(11)`],
    [0.5, () => expr`alt_branch_unlikely(11)`],
    [0.5, () => expr`alt_branch_likely(11)`],
    [1, () => helperCall(scope, 'bool', depth) ?? plain()],
  ])();
};

/** Another capability, or another key. */
export const key = (scope: Scope): Node => {
  const { random } = scope;
  const n = String(random.pick(CAPABILITIES));
  return scope.choose<Maker>('key', [
    [4, () => expr`KEY_OF(${n})`],
    [2, () => expr`LIKELY_KEY_OF(${n})`],
    [2, () => expr`cap(${n})`],
    [1, () => expr`cpus_have_cap(${n})`],
    [1, () => expr`alt_branch_unlikely(${n})`],
    [1, () => expr`alt_branch_likely(${n})`],
    [1, () => expr`${random.pick(['KEY_UNLIKELY(plain_key)', 'KEY_LIKELY(plain_key)'])}`],
    [1, () => expr`${random.pick(['SET_KEY_UNLIKELY()', 'SET_KEY_LIKELY()'])}`],
  ])();
};

/** A condition that depends on data alone. */
export const dataCondition = (scope: Scope, depth: number): Node => {
  const { random } = scope;
  return scope.choose<Maker>('dataCondition', [
    [4, () => expr`${random.pick(['a', 'b'])}`],
    [2, () => expr`(${random.pick(['a', 'b'])} ${random.pick(['& 1', '& 2', '> 3', '== 5', '!= 1'])})`],
    [1, () => expr`${random.pick(scope.variables)}`],
    [3, () => expr`(p[${String(index(random))}] & ${random.pick(['1', '2', '4'])})`],
    [2, () => expr`(${value(scope, depth - 1)} ${random.pick(['==', '!=', '>', '<'])} ${constant(random)})`],
    [1, () => expr`((a ^ b) & 1)`],
  ])();
};

/** A variable that may hold an earlier guard. */
export const kept = (scope: Scope): Node => {
  const { random } = scope;
  return scope.choose<Maker>('kept', [
    [8, () => expr`${scope.favourite}`],
    [5, () => expr`${flagIn(scope)}`],
    [3, () => expr`${variableIn(scope)}`],
    [1, () => expr`(${variableIn(scope)} & 1)`],
    [1, () => expr`(${variableIn(scope)} == ${random.pick(['1', '2', '7'])})`],
    [1.5 * scope.context, () => expr`c->flag`],
    [scope.context, () => expr`c->${random.pick(['x', 'w', 'kind', 'bit', 'bits'])}`],
    [1, () => expr`(${variableIn(scope)} & 4)`],
    [returns(scope, 'struct pair'), () => expr`r.second`],
    [returns(scope, 'struct wide'), () => expr`w.third`],
    [0.7 * returns(scope, 'u64'), () => expr`(f == ${scope.random.pick(scope.helpers).name})`],
    [0.5, () => expr`p[${String(index(random))}]`],
  ])();
};

/** A condition that was tested before, perhaps combined with another capability. */
export const again = (scope: Scope): Node => {
  const { random, conditions } = scope;
  if (conditions.length === 0) return dataCondition(scope, 1);
  const before = random.pick(conditions);
  return scope.choose<Maker>('again', [
    [3, () => expr`(${before} || ${key(scope)})`],
    [1, () => expr`(${key(scope)} || ${before})`],
    [1, () => expr`(${before} || ${condition(scope, 0)})`],
    [1, () => expr`(${before} && ${condition(scope, 0)})`],
    [2, () => before],
    [1, () => expr`!${before}`],
  ])();
};

/** Any condition. */
export const condition = (scope: Scope, depth: number): Node => {
  const { random, conditions } = scope;
  const inner = () => condition(scope, depth - 1);
  const remember = (made: Node): Node => {
    if (conditions.length < REMEMBERED && random.chance(0.4)) conditions.push(made);
    return made;
  };
  const leaves: readonly (readonly [number, Maker])[] = [
    [4, () => remember(dataCondition(scope, depth))],
    [conditions.length > 0 ? 5 : 0, () => random.pick(conditions)],
    [3, () => guard(scope, depth)],
    [4, () => kept(scope)],
    [3, () => key(scope)],
  ];
  if (depth <= 0) return scope.choose('condition', leaves)();
  return scope.choose<Maker>('condition 2', [
    ...leaves,
    [3, () => expr`(${inner()} || ${inner()})`],
    [3, () => expr`(${inner()} && ${inner()})`],
    [2, () => expr`!${inner()}`],
    [1.5, () => expr`${random.pick(['likely', 'unlikely'])}(${inner()})`],
  ])();
};
