// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Executes one instruction on a state: what the registers hold behind it, where
// control goes, and which addresses were used or escaped. Words are the assembler's.

import { Instruction, type Patched } from '../../lib/code/instruction.js';
import type { Setting, Transfer } from '../../lib/flow/branch.js';
import { execute } from '../../lib/flow/execute.js';
import type { Surroundings } from '../../lib/flow/load.js';
import { nothingKnown, type State, valueIn, withValue } from '../../lib/flow/state.js';
import { type AddressSink, constant, makeBits, makePlaces, type Value } from '../../lib/flow/values.js';

/** Where the instruction stands. */
export const AT = 0x1000;

/** The address of `target`, formed at 4. */
export const place = (target: number, more: { inexact?: boolean; via?: number } = {}): Value =>
  makePlaces([{ target, at: 4, via: more.via ?? null, inexact: more.inexact ?? false }], false);
export const number = (value: number | bigint): Value => constant(BigInt.asUintN(64, BigInt(value)));
/** A number up to a bound. */
export const atMost = (max: number): Value => makeBits(0n, 0n, BigInt(max));

export const having = (values: Readonly<Record<number, Value>>): State =>
  Object.entries(values).reduce(
    (state, [register, value]) => withValue(state, Number(register), value),
    nothingKnown,
  );

const nowhere: Surroundings = { load: () => null, tableEntry: () => null, labelsAround: () => null };

export interface Circumstances {
  readonly patched?: Patched;
  readonly setting?: Partial<Setting>;
  readonly around?: Partial<Surroundings>;
}

export interface Outcome {
  readonly transfers: readonly Transfer[];
  /** The state behind the instruction; nothing known where control does not simply go on. */
  readonly after: State;
  readonly value: (register: number) => Value;
  readonly used: readonly number[];
  readonly lost: readonly (number | string)[];
}

export const interpret = (
  word: number,
  state: State,
  { patched, setting = {}, around = {} }: Circumstances = {},
): Outcome => {
  const used: number[] = [];
  const lost: (number | string)[] = [];
  const sink: AddressSink = {
    used: ({ target }) => used.push(target),
    lost: ({ target }, as = 'data') => lost.push(as === 'data' ? target : `${target} as ${as}`),
  };
  const transfers = execute(
    new Instruction(word, AT, patched ?? null),
    { pc: AT, moved: null, via: null, ...setting },
    state,
    { ...nowhere, ...around },
    sink,
  );
  const [only, ...others] = transfers;
  const after = only && others.length === 0 ? only.state : nothingKnown;
  return { transfers, after, value: (register) => valueIn(after, register), used, lost };
};

/** `go 1004`, `call 2000`, `return`: each transfer in a word or two. */
export const directions = ({ transfers }: Outcome): readonly string[] =>
  transfers.map((transfer) =>
    'to' in transfer ? `${transfer.kind} ${transfer.to?.toString(16) ?? '?'}` : transfer.kind,
  );
