// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control may go after a branch, and what is known there: one successor
// if the state decides the branch, otherwise both.

import { type Branch, decodeTest, indirectRegister } from '../aarch64/instructions.js';
import { branchTarget, type Instruction, type Moved } from '../code/instruction.js';
import { assume, assumeOther, assumeZero } from './assume.js';
import { loseArguments } from './call.js';
import { holds, nothingKnown, type State, sitesIn, valueIn, withValue } from './state.js';
import { type Address, type AddressSink, ALL, bitsOf, LOW, sitesOf } from './values.js';

export type Transfer =
  /** To an instruction: the next one, or a branch target. */
  | { readonly kind: 'go'; readonly to: Address; readonly state: State }
  /** To a function, which returns behind this instruction; `to` null: the callee is not known. */
  | { readonly kind: 'call'; readonly to: Address | null; readonly state: State }
  /** Through a register that may hold anything. */
  | { readonly kind: 'anywhere'; readonly state: State }
  | { readonly kind: 'return'; readonly state: State }
  /** ERET: into the host or a guest. Control may later come back to the caller through the vectors. */
  | { readonly kind: 'leave'; readonly state: State };

/** Where an instruction is executed. For replacement code this is not where it stands. */
export interface Setting {
  readonly pc: Address;
  /** null: it is executed where it stands. */
  readonly moved: Moved | null;
  /** The patched place that this code replaces, or null. */
  readonly via: Address | null;
}

export const executeBranch = (
  instruction: Instruction,
  branch: Branch,
  { pc, moved }: Setting,
  state: State,
  sink: AddressSink,
): readonly Transfer[] => {
  const { word } = instruction;
  const next = pc + 4;
  const target = (): Address => branchTarget(instruction, moved);
  switch (branch.kind) {
    case 'jump':
      return [{ kind: 'go', to: target(), state }];
    case 'conditional':
      return decide(instruction, target(), next, state, sink);
    case 'call':
      return [{ kind: 'call', to: target(), state }];
    case 'indirect-jump':
    case 'indirect-call': {
      const value = valueIn(state, indirectRegister(word));
      const sites = sitesOf(value);
      const exact = sites.filter((site) => !site.inexact);
      for (const site of sites) {
        if (site.inexact) sink.lost(site, 'target');
        else sink.used(site);
      }
      const isKnown = value?.kind === 'places' && !value.others && exact.length === sites.length;
      if (branch.kind === 'indirect-jump') {
        // The register now holds the address where we are, which nobody uses twice.
        const after = withValue(state, indirectRegister(word), null);
        const gone = exact.map((site): Transfer => ({ kind: 'go', to: site.target, state: after }));
        return isKnown ? gone : [...gone, { kind: 'anywhere', state }];
      }
      const calls = exact.map((site): Transfer => ({ kind: 'call', to: site.target, state }));
      return isKnown ? calls : [...calls, { kind: 'call', to: null, state }];
    }
    case 'return':
      // RETAA names no register: it takes x30.
      for (const site of sitesIn(state, instruction.reads)) sink.lost(site);
      return [{ kind: 'return', state }];
    case 'exception-return':
      // The host or a guest runs with the registers as they are now.
      loseArguments(state, sink);
      return [{ kind: 'leave', state: nothingKnown }];
    case 'breakpoint':
      // The BRK handler belongs to the host; behind a WARN execution goes on.
      return [{ kind: 'go', to: next, state }];
    case 'trap':
      return [];
    default:
      return branch.kind satisfies never;
  }
};

/** A conditional branch: both successors, or the one that the state allows. */
const decide = (
  instruction: Instruction,
  target: Address,
  next: Address,
  state: State,
  sink: AddressSink,
): readonly Transfer[] => {
  const go = (to: Address, known: State): Transfer => ({ kind: 'go', to, state: known });
  const test = decodeTest(instruction.word);
  if (!test) {
    for (const site of sitesIn(state, instruction.reads)) sink.lost(site);
    return [go(target, state), go(next, state)];
  }
  switch (test.kind) {
    case 'flags': {
      const taken = holds(state.flags, test.condition);
      const inverse = test.condition ^ 1;
      return [
        ...(taken === false ? [] : [go(target, assume(state, test.condition))]),
        ...(taken === true ? [] : [go(next, assume(state, inverse))]),
      ];
    }
    case 'zero':
    case 'bit': {
      const mask = test.kind === 'bit' ? 1n << BigInt(test.bit) : test.wide ? ALL : LOW;
      const value = valueIn(state, test.register);
      for (const site of sitesOf(value)) sink.used(site);
      const bits = bitsOf(value);
      const isZero = bits.ones & mask ? false : (bits.zeros & mask) === mask ? true : null;
      const zero = assumeZero(state, test.register, mask);
      const other = test.kind === 'zero' ? assumeOther(state, test.register, 0n, test.wide) : state;
      const taken = isZero === null ? null : isZero !== test.negate;
      return [
        ...(taken === false ? [] : [go(target, test.negate ? other : zero)]),
        ...(taken === true ? [] : [go(next, test.negate ? zero : other)]),
      ];
    }
    default:
      return test satisfies never;
  }
};
