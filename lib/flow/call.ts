// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known on the two sides of a call: which registers the callee gets of
// its caller, and which the caller has back.

import { CALLER_SAVED, GENERAL, LINK } from '../aarch64/registers.js';
import { conventionalSummary, type RegisterSummary } from './register-summary.js';
import { makeState, REGISTERS, type State, without } from './state.js';
import { type AddressSink, constantOf, makeBits, sitesOf, type Value } from './values.js';

/** Registers that a key of constant arguments is made of: x0 to x7. [AAPCS64 "Parameter passing"] */
const ARGUMENTS = 8;

/** What a callee may read of the registers; what it only keeps for its caller is none of its business. */
export const passedTo = ({ reads, changes }: RegisterSummary, state: State, isCall: boolean): State =>
  without(state, GENERAL & ~(reads | changes) & (isCall ? GENERAL : ~LINK));

/** The constant arguments of a call as a key. */
export const argumentsKey = (state: State): string =>
  state.registers.slice(0, ARGUMENTS).map(argumentKey).join();

/** A constant argument in a key; '' for what is not constant. */
const argumentKey = (value: Value): string => {
  const number = constantOf(value);
  if (number !== null) return `#${number}`;
  const [site, second] = value?.kind === 'places' && !value.others ? value.sites : [];
  return site && !second && !site.inexact ? `@${site.target}.${site.at}` : '';
};

/** What a host function that is followed may know of its caller: the constant arguments. */
export const argumentsOf = ({ reads }: RegisterSummary, state: State, sink: AddressSink): State => {
  const registers: Value[] = state.registers.map((value, register) => {
    if (register < ARGUMENTS && argumentKey(value) !== '') return value;
    if (reads & (1 << register)) for (const site of sitesOf(value)) sink.lost(site);
    return null;
  });
  return makeState(registers, null);
};

/** What a procedure gives back of its registers. */
export const givenBack = ({ writes, changes }: RegisterSummary, state: State): State =>
  makeState(
    state.registers.map((value, register) => ((writes | changes) & (1 << register) ? value : null)),
    null,
  );

/**
 * Behind a call: what the callee may have written is what it gives back, the rest is as it was. That a callee leaves a
 * number in a caller-saved register alone only a caller relies on that sees it, so of a function that others may call
 * (not `isSeen`) no number is kept. Addresses stay possible: forgetting one would hide its use.
 */
export const stateBehind = (
  atCall: State,
  returned: State,
  { writes, changes }: RegisterSummary,
  isSeen: boolean,
): State => {
  const registers: Value[] = [];
  for (let register = 0; register < REGISTERS; register++) {
    const bit = 1 << register;
    const isCallees = ((writes | changes) & bit) !== 0;
    const value = (isCallees ? returned : atCall).registers[register] ?? null;
    const isKept = isCallees || isSeen || (bit & CALLER_SAVED) === 0 || value?.kind === 'places';
    // A callee's copies are copies of one another; a caller's mark of the same place is of another time.
    registers.push(bit === LINK || !isKept ? null : unmarked(value));
  }
  return makeState(registers, null);
};

/** The value without the mark that makes it the same as another register's. */
const unmarked = (value: Value): Value =>
  value?.kind === 'bits' && value.copy !== null
    ? makeBits(value.zeros, value.ones, value.max, value.lowMax)
    : value;

/** x8 has the place for a large result, which is no code. [AAPCS64 "Parameter passing"] */
const RESULT_PLACE = 0x100;

/** A function that is not followed has what it reads. */
export const loseArguments = (
  state: State,
  sink: AddressSink,
  { reads }: RegisterSummary = conventionalSummary,
): void => {
  for (let register = 0; register < REGISTERS; register++) {
    const bit = 1 << register;
    if ((reads & bit) === 0) continue;
    for (const site of sitesOf(state.registers[register] ?? null)) {
      if (bit === RESULT_PLACE) sink.used(site);
      else sink.lost(site);
    }
  }
};
