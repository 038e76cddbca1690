// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Interprets one instruction on a state: where control goes and what is known
// there. An instruction that is not understood makes the registers that it
// writes unknown, and the addresses that it reads escape.

import { writesVbarEl2 } from '../aarch64/instructions.js';
import type { Instruction } from '../code/instruction.js';
import { executeBranch, type Setting, type Transfer } from './branch.js';
import { compute } from './compute.js';
import { losePatched, type Surroundings } from './load.js';
import { type State, sitesIn, weakenRegisters, withFlags, without } from './state.js';
import type { AddressSink } from './values.js';

export const execute = (
  instruction: Instruction,
  setting: Setting,
  state: State,
  around: Surroundings,
  sink: AddressSink,
): readonly Transfer[] => {
  const { branch, operation } = instruction;
  if (branch) return executeBranch(instruction, branch, setting, state, sink);
  const after = operation
    ? compute(operation, instruction, setting, state, around, sink)
    : executeOther(instruction, state, sink);
  return [{ kind: 'go', to: setting.pc + 4, state: after }];
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
 * registers of `writes`. Addresses stay possible, since a register may not be overwritten after all.
 */
export const executeUnread = (
  { reads }: Instruction,
  writes: number,
  state: State,
  sink: AddressSink,
): State => {
  for (const site of sitesIn(state, reads)) sink.lost(site);
  return weakenRegisters(state, writes);
};
