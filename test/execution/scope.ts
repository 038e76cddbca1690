// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What generated code may refer to: the variables that each function declares, the
// functions before it, conditions that were used already, and labels that still
// have to be placed.
//
// Odd: conditions are used again on purpose. Compilers thread jumps through a
// condition that is tested twice, and only then do paths with different states meet.

import type { Random } from './random.js';
import { expr, type Node } from './syntax.js';

/** What a helper returns. */
export type Result = 'u64' | 'bool' | 'struct pair' | 'struct wide';

export interface Helper {
  readonly name: string;
  readonly result: Result;
}

/** Names that a program hands out; one for all of its functions. */
export interface Names {
  readonly program: string;
  sinks: number;
  data: number;
  labels: number;
}

/** One of the choices of a rule of the grammar, by weight and by the program's taste. */
export type Choose = <T>(place: string, choices: readonly (readonly [weight: number, item: T])[]) => T;

/** A program prefers some forms and has none of others: an even mix would hide what only a few forms together show. */
export const tasteOf = (random: Random): Choose => {
  const factors = new Map<string, number>();
  const factorOf = (form: string): number => {
    const known = factors.get(form);
    if (known !== undefined) return known;
    const made = random.pick([0, 0, 1, 1, 3]);
    factors.set(form, made);
    return made;
  };
  return (place, choices) => {
    const liked = choices.map(([weight, item], i) => [weight * factorOf(`${place} ${i}`), item] as const);
    return random.weighted(liked.some(([weight]) => weight > 0) ? liked : choices);
  };
};

export interface Scope {
  readonly random: Random;
  readonly choose: Choose;
  readonly names: Names;
  readonly helpers: readonly Helper[];
  /** Getters made by SELECT(). */
  readonly selectors: readonly string[];
  /** Tables of two functions. */
  readonly tables: readonly string[];
  /** Conditions used so far. */
  readonly conditions: Node[];
  /** Labels of gotos that still have to be placed. */
  readonly labels: string[];
  readonly result: Result;
  /** Those of VARIABLES and FLAGS that this function uses, at least one of each. */
  readonly variables: readonly string[];
  readonly flags: readonly string[];
  /** 1 if the program has a context in memory, else 0: a factor of weights. */
  readonly context: 0 | 1;
  /** The variable that this function most often keeps a guard in. */
  readonly favourite: string;
  /** The function's own name, if it may call itself. */
  readonly self: string | null;
  /** Only the entry calls functions through a context, so that no helper calls itself that way. */
  readonly isEntry: boolean;
  /** How many loops are around this place. */
  readonly loops: number;
  /** Whether `break` leaves a switch, not a loop. */
  readonly isInSwitch: boolean;
}

export const VARIABLES = ['v0', 'v1', 'v2'] as const;
export const FLAGS = ['g0', 'g1'] as const;

const oneOf = ({ random, favourite }: Scope, names: readonly string[]): string =>
  names.includes(favourite) && random.chance(0.5) ? favourite : random.pick(names);
export const flagIn = (scope: Scope): string => oneOf(scope, scope.flags);
export const variableIn = (scope: Scope): string => oneOf(scope, scope.variables);

/** Capabilities that programs ask for besides 11; 70 is in the second word of cpu_hwcaps. */
export const CAPABILITIES = [2, 12, 22, 37, 70] as const;

/** Indices into the memory behind p; two more words behind each are free. */
export const index = (random: Random): number => random.below(24);

/** A host function. */
export const newSink = ({ names }: Scope): string => {
  names.sinks++;
  return `BAD_${names.program}_${names.sinks}`;
};

/** Two words of the host's data. */
export const newDatum = ({ names }: Scope): string => {
  names.data++;
  return `DATA_${names.program}_${names.data}`;
};

export const newLabel = ({ names }: Scope): string => {
  names.labels++;
  return `l${names.labels}`;
};

/** A small constant. */
export const constant = (random: Random): Node => expr`${String(random.below(8))}`;
