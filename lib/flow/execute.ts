// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Interprets one instruction on a state: where control goes and what is known
// there. An instruction that is not understood makes the registers that it
// writes unknown, and the addresses that it reads escape.

import { decodeFrameAccess, decodePairLoad } from '../aarch64/frame-access.js';
import { writesVbarEl2 } from '../aarch64/instructions.js';
import type { Operation } from '../aarch64/operations.js';
import { LINK } from '../aarch64/registers.js';
import type { Instruction } from '../code/instruction.js';
import { add } from './arithmetic.js';
import { executeBranch, type Setting, type Transfer } from './branch.js';
import { compute } from './compute.js';
import { losePatched, type Surroundings } from './load.js';
import { stackAfter } from './stack.js';
import {
  REGISTERS,
  type State,
  sitesIn,
  valueIn,
  weakenRegisters,
  withFlags,
  without,
  withStack,
  withValue,
} from './state.js';
import { type AddressSink, constant } from './values.js';

export const execute = (
  instruction: Instruction,
  setting: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): readonly Transfer[] => {
  const { branch } = instruction;
  if (branch) return executeBranch(instruction, branch, setting, state, sink);
  return [{ kind: 'go', to: setting.pc + 4, state: stateAfter(instruction, setting, state, around, sink) }];
};

/** What is known behind an instruction that does not branch. */
export const stateAfter = (
  instruction: Instruction,
  setting: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): State => {
  const { operation } = instruction;
  const pair = operation || instruction.patched ? null : decodePairLoad(instruction.word);
  const done = operation
    ? compute(operation, instruction, setting, state, around, sink)
    : pair
      ? executePair(pair, instruction, setting, state, around, sink)
      : executeOther(instruction, state, sink);
  const stack = state.stack && stackAfter(instruction, state.stack, (register) => valueIn(state, register));
  return withStack(done, stack);
};

/** Two loads from one base, which may be one of the registers, and may be stepped. */
const executePair = (
  [first, second]: readonly [Operation, Operation],
  instruction: Instruction,
  setting: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): State => {
  const one = compute(first, instruction, setting, state, around, sink);
  const other = compute(second, instruction, setting, state, around, sink);
  const loaded = withValue(one, second.to, valueIn(other, second.to));
  const access = decodeFrameAccess(instruction.word);
  if (!access?.step || access.base >= REGISTERS) return loaded;
  const step = constant(BigInt.asUintN(64, BigInt(access.step)));
  return withValue(loaded, access.base, add(valueIn(state, access.base), step, false));
};

/** An instruction that is only known by the registers that it reads and writes. */
const executeOther = (instruction: Instruction, state: State, sink: AddressSink): State => {
  if (instruction.patched) losePatched(instruction.patched, instruction.at, sink);
  if (state.known === 0 && state.flags === null) return state;
  const isVectors = writesVbarEl2(instruction.word);
  for (const site of sitesIn(state, instruction.reads)) sink.lost(site, isVectors ? 'vectors' : 'data');
  const after = without(state, instruction.writes);
  return instruction.keepsFlags ? after : withFlags(after, null);
};

/**
 * Instructions that a callback of the host writes over these: they may read what the old ones read, and may write the
 * registers of `writes`; if x30 is among them they may be a call. Addresses stay possible, since a register may not be
 * overwritten after all.
 */
export const executeUnread = (
  { reads }: Instruction,
  writes: number,
  state: State,
  sink: AddressSink,
): State => {
  for (const site of sitesIn(state, reads)) sink.lost(site);
  return weakenRegisters(state, writes, writes & LINK ? null : state.stack);
};
