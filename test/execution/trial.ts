// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One unit of random programs from its seed: how they are compiled, what running
// them executes, and what hypcheck says of them. The seed alone decides all of it,
// so a failure's seed is enough to repeat it.

import { type Execution, executeUnit } from './execution.js';
import { generate } from './generator.js';
import { allOptions, type Options } from './options.js';
import { subseed } from './random.js';
import { reduce } from './reducer.js';
import type { Node } from './syntax.js';
import { buildUnit, type Unit } from './unit.js';
import { type Contradiction, contradictions, type Verdict, verdictsOn } from './verdicts.js';
import { worldsOf } from './worlds.js';

export interface Shape {
  /** How many, or which. */
  readonly programs: number | readonly number[];
  readonly worlds: number;
  /** Of each program in each world. */
  readonly runs: number;
}

export interface Trial {
  readonly seed: number;
  readonly options: Options;
  readonly programs: readonly Node[];
  readonly unit: Unit;
  /** Without VHE. */
  readonly execution: Execution;
}

const optionsFor = (seed: number): Options => {
  const options = allOptions[seed % allOptions.length];
  if (options === undefined) throw new RangeError('a seed is not negative');
  return options;
};

export const execute = (trial: Omit<Trial, 'execution'>, shape: Shape, hasVhe: boolean): Promise<Execution> =>
  executeUnit(trial.unit, trial.options, worldsOf(trial.seed, shape.worlds, hasVhe), shape.runs);

/** Makes, compiles and runs what belongs to a seed. */
export const prepare = async (folder: string, seed: number, shape: Shape): Promise<Trial> => {
  const options = optionsFor(seed);
  const which = typeof shape.programs === 'number' ? [...Array(shape.programs).keys()] : shape.programs;
  const programs = which.map((i) => generate(subseed(seed, i), String(i)));
  const unit = await buildUnit(folder, `unit-${seed}`, programs, options);
  const made = { seed, options, programs, unit };
  return { ...made, execution: await execute(made, shape, false) };
};

export const judge = async ({
  unit,
  execution,
}: Trial): Promise<{ verdicts: readonly Verdict[]; found: readonly Contradiction[] }> => {
  const verdicts = await verdictsOn(unit.whole);
  return { verdicts, found: contradictions(verdicts, execution) };
};

/** The program that a sink belongs to, by its name: BAD_7_1 is of program 7. */
const programOf = ({ programs }: Trial, { target }: Contradiction): Node | null =>
  programs[Number(target.split('_')[1])] ?? null;

/** The program that shows a contradiction, reduced; null if only the whole unit shows it. */
export const reduced = async (
  folder: string,
  trial: Trial,
  contradiction: Contradiction,
  shape: Shape,
  attempts: number,
): Promise<Node | null> => {
  let count = 0;
  const holds = async (candidate: Node): Promise<boolean> => {
    try {
      const name = `reduced-${trial.seed}-${count++ % 2}`;
      const unit = await buildUnit(folder, name, [candidate], trial.options);
      const made = { ...trial, programs: [candidate], unit };
      const execution = await execute(made, shape, false);
      const { found } = await judge({ ...made, execution });
      return found.some(({ target }) => target === contradiction.target);
    } catch {
      return false;
    }
  };
  const program = programOf(trial, contradiction);
  if (program === null || !(await holds(program))) return null;
  return reduce(program, holds, attempts);
};

/** 'BAD_7_1' at .hyp.text+0x7c is called vhe-only, and was executed without VHE; HYPCHECK_SEED=12 HYPCHECK_PROGRAMS=1, gcc -O2 (-O2) */
export const tell = (trial: Trial, { target, offset, said }: Contradiction): string => {
  const { seed, options } = trial;
  const place = offset === null ? '' : ` at .hyp.text+0x${offset.toString(16)}`;
  return `'${target}'${place} is ${said === 'left out' ? said : `called ${said}`}, and was executed without VHE; HYPCHECK_SEED=${seed} HYPCHECK_PROGRAMS=1, ${options.name} (${options.flags.join(' ')})`;
};
