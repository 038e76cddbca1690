// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known on the two sides of a call: which registers of its caller the
// callee may use, and which values the caller has afterwards.

import { CALLER_SAVED, GENERAL, LINK } from '../aarch64/registers.js';
import { stackAtEntry, stackBehindCall } from './stack.js';
import {
  makeState,
  nothingKnown,
  REGISTERS,
  registersOf,
  type State,
  unknownEntry,
  valueIn,
  without,
  withStack,
} from './state.js';
import { conventionalSummary, type RegisterSummary } from './summary.js';
import { type AddressSink, constantOf, makePlaces, sitesOf, unmarked, type Value } from './values.js';

/** A key of constant arguments is made of x0 to x7. [AAPCS64 "Parameter passing"] */
const ARGUMENTS = 8;

/**
 * The registers that a callee may read. Those that it only saves and restores are dropped. An address in a register that it
 * may write goes along: it may leave it alone.
 *
 *     f:  cbz  x0, 1f
 *         mov  x2, #0        // writes x2, or does not
 *     1:  ret
 */
export const passedTo = (
  { reads, changes, writes }: RegisterSummary,
  state: State,
  isCall: boolean,
): State => {
  const kept = reads | changes | addressesIn(state, writes);
  const passed = without(state, GENERAL & ~kept & (isCall ? GENERAL : ~LINK));
  return passed.known === 0 && passed.flags === null ? unknownEntry : withStack(passed, stackAtEntry);
};

/** Of some registers, those that may hold an address. */
const addressesIn = (state: State, mask: number): number => {
  let found = 0;
  for (let left = state.known & mask; left !== 0; left &= left - 1) {
    const bit = left & -left;
    if (valueIn(state, 31 - Math.clz32(bit))?.kind === 'places') found |= bit;
  }
  return found;
};

/** What a callee that is not followed may give back of its caller's: addresses in registers that it may write, or leave alone. */
export const maybeKept = ({ writes }: RegisterSummary, state: State): State => {
  const kept = addressesIn(state, writes);
  if (kept === 0) return nothingKnown;
  return makeState(
    registersOf(state).map((value, register) =>
      kept & (1 << register) ? makePlaces(sitesOf(value), true) : null,
    ),
    null,
  );
};

/** The constant arguments of a call as a key. */
export const argumentsKey = (state: State): string =>
  registersOf(state).slice(0, ARGUMENTS).map(argumentKey).join();

/** A constant argument in a key; '' if it is not constant. */
const argumentKey = (value: Value): string => {
  const number = constantOf(value);
  if (number !== null) return `#${number}`;
  const [site, second] = value?.kind === 'places' && !value.others ? value.sites : [];
  return site && !second && !site.inexact ? `@${site.target}.${site.at}` : '';
};

/** What a followed host function may know of its caller: the constant arguments. */
export const argumentsOf = ({ reads }: RegisterSummary, state: State, sink: AddressSink): State => {
  const registers: Value[] = registersOf(state).map((value, register) => {
    if (register < ARGUMENTS && argumentKey(value) !== '') return value;
    if (reads & (1 << register)) for (const site of sitesOf(value)) sink.lost(site);
    return null;
  });
  return makeState(registers, null, stackAtEntry);
};

/** The registers that a procedure gives back to its caller. Copy marks hold within the procedure. */
export const givenBack = ({ writes, changes }: RegisterSummary, state: State): State => {
  const given = state.known & (writes | changes);
  if (given === 0) return nothingKnown;
  return makeState(
    registersOf(state).map((value, register) => (given & (1 << register) ? unmarked(value) : null)),
    null,
  );
};

/**
 * The state behind a call: registers that the callee may write hold what it gives back; all others are unchanged.
 * Numbers that survive in a caller-saved register are kept only if the callee `isSeen`, that is, called by nobody but
 * hyp code: only then may a compiler rely on them (-fipa-ra). Addresses always stay possible: forgetting one would hide
 * its use.
 *
 *     mov  x9, #0        // x9 is caller-saved
 *     bl   f             // f writes x0 only: x9 is 0 behind it if f is hyp code's alone; else it is unknown
 */
export const stateBehind = (
  atCall: State,
  returned: State,
  { writes, changes, keepsStack }: RegisterSummary,
  isSeen: boolean,
): State => {
  const registers = new Array<Value>(REGISTERS).fill(null);
  for (let either = (returned.known | atCall.known) & ~LINK; either !== 0; either &= either - 1) {
    const bit = either & -either;
    const register = 31 - Math.clz32(bit);
    const isCallees = ((writes | changes) & bit) !== 0;
    const value = valueIn(isCallees ? returned : atCall, register);
    const isKept = isCallees || isSeen || (bit & CALLER_SAVED) === 0 || value?.kind === 'places';
    // A copy mark of the caller at the same place is from another time.
    if (isKept) registers[register] = unmarked(value);
  }
  return makeState(registers, null, stackBehindCall(atCall.stack, keepsStack));
};

/** x8 points to where a large result goes, which is never code. [AAPCS64 "Parameter passing"] */
const RESULT_PLACE = 0x100;

/** The arguments of a function that is not followed escape. */
export const loseArguments = (
  state: State,
  sink: AddressSink,
  { reads }: RegisterSummary = conventionalSummary,
): void => {
  for (let register = 0; register < REGISTERS; register++) {
    const bit = 1 << register;
    if ((reads & bit) === 0) continue;
    for (const site of sitesOf(valueIn(state, register))) {
      if (bit === RESULT_PLACE) sink.used(site);
      else sink.lost(site);
    }
  }
};
