// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Branches and the questions they ask: a branch on what is not known goes both
// ways, and knows on each what it means that it went there.

import { splitFlags } from './flags.js';
import type { State } from './state.js';
import { bits, type Effect, isSet, type Outcome, type Step, signed } from './step.js';
import {
  and,
  bitsOf,
  constant,
  knownOf,
  low32,
  M32,
  M64,
  type Place,
  UNKNOWN,
  type Value,
  ZERO,
} from './value.js';

/** Both sides of a question, or the one that is certain. */
const either = (
  step: Step,
  to: Place,
  zero: 'taken' | 'not taken',
  subject: Value,
  refine: (state: State) => void,
): Outcome[] => {
  const { state } = step;
  const taken = step.branch(to, state.beside());
  const straight: Outcome = { kind: 'next', state: state.beside() };
  const [ifZero, ifOther] = zero === 'taken' ? [taken, straight] : [straight, taken];
  if (subject.kind !== 'bits') {
    const isCertain =
      subject.kind !== 'page' && !('place' in subject && typeof subject.place.section === 'string');
    return isCertain ? [ifOther] : step.stop('a test of an address');
  }
  if ((subject.bits & subject.known) !== 0n) return [ifOther];
  if (subject.known === M64) return [ifZero];
  if ('state' in ifZero) refine(ifZero.state);
  return [ifZero, ifOther];
};

export const compareAndBranch: Effect = (step) => {
  const { word } = step;
  const register = bits(word, 0, 5);
  const whole = step.take(register);
  const subject = step.width === 32 && whole.kind === 'bits' ? low32(whole) : whole;
  const to = step.target(signed(word, 5, 19) * 4);
  return either(step, to, isSet(word, 24) ? 'not taken' : 'taken', subject, (state) => {
    const upper = knownOf(whole) & (M64 ^ M32);
    if (register === 31) return;
    state.registers[register] =
      step.width === 64 || whole.kind !== 'bits' ? ZERO : bitsOf(upper | M32, whole.bits & upper);
  });
};

export const testBitAndBranch: Effect = (step) => {
  const { word } = step;
  const register = bits(word, 0, 5);
  const mask = 1n << BigInt((isSet(word, 31) ? 32 : 0) + bits(word, 19, 5));
  const whole = step.take(register);
  if (whole.kind !== 'bits') return step.stop('a bit of an address');
  const subject = and(whole, constant(mask));
  const to = step.target(signed(word, 5, 14) * 4);
  const outcomes = either(step, to, isSet(word, 24) ? 'not taken' : 'taken', subject, (state) => {
    if (register < 31) state.registers[register] = bitsOf(whole.known | mask, whole.bits);
  });
  // Both sides: the other one knows the bit as well.
  const [, other] = outcomes;
  if (other && 'state' in other && register < 31)
    other.state.registers[register] = bitsOf(whole.known | mask, whole.bits | mask);
  return outcomes;
};

/** The states of the flags in which a condition holds, and those in which not, as states of their own. */
export const onCondition = (
  step: Step,
  condition: number,
  ifHolds: (state: State) => Outcome,
  otherwise: (state: State) => Outcome,
): Outcome[] => {
  const { state } = step;
  const [holding, failing] = splitFlags(state.flags, condition);
  const outcomes: Outcome[] = [];
  for (const [flags, act] of [
    [holding, ifHolds],
    [failing, otherwise],
  ] as const) {
    if (flags === 0) continue;
    const copy = state.beside();
    copy.flags = flags;
    outcomes.push(act(copy));
  }
  return outcomes;
};

export const next = (state: State): Outcome => ({ kind: 'next', state });

export const conditionalBranch: Effect = (step) => {
  const to = step.target(signed(step.word, 5, 19) * 4);
  return onCondition(step, bits(step.word, 0, 4), (state) => step.branch(to, state), next);
};

export const indirect = (isCall: boolean, mayFollowLink: boolean): Effect => {
  return (step) => {
    const to = step.take(bits(step.word, 5, 5));
    if (mayFollowLink && to.kind === 'return') return [{ kind: 'return', to, state: step.state }];
    return [{ kind: 'indirect', to, isCall, state: step.state }];
  };
};

export const exception: Effect = (step) => {
  // SVC, HVC and SMC come back; the callee's results are in x0 to x3. [SMCCC]
  if (bits(step.word, 0, 2) === 0 || bits(step.word, 21, 3) !== 0) return step.stop('a breakpoint');
  for (let register = 0; register < 4; register++) {
    step.take(register);
    step.write(register, UNKNOWN, false, 64);
  }
  return step.next();
};

export const stop =
  (why: string): Effect =>
  (step) =>
    step.stop(why);
export const returns: Effect = (step) => [
  { kind: 'return', to: step.take(isSet(step.word, 11) ? 30 : bits(step.word, 5, 5)), state: step.state },
];
export const branch =
  (isCall: boolean): Effect =>
  (step) => [step.branch(step.target(signed(step.word, 0, 26) * 4), step.state, isCall)];
