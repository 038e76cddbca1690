// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What holds before an instruction of a function on all paths to it: which
// registers were written, which call-preserved registers still hold their value
// from the entry, and where on the stack those values are saved.

import { decodeFrameAccess, type FrameAccess } from '../aarch64/frame-access.js';
import { decodeMemory, maySwitchStack, surelyWritten } from '../aarch64/instructions.js';
import { SP, ZERO } from '../aarch64/operations.js';
import { CALL_PRESERVED } from '../aarch64/registers.js';
import type { Instruction } from '../code/instruction.js';

export interface Facts {
  /** Registers that were written, as a mask (so are the next two). */
  readonly defined: number;
  /** Call-preserved registers that still hold their value from the entry. */
  readonly own: number;
  /** Call-preserved registers whose value from the entry was stored anywhere. */
  readonly stored: number;
  /** SP and x29 in bytes relative to SP at the entry; null: not known. */
  readonly stack: number | null;
  readonly frame: number | null;
  /** The register whose value from the entry a stack slot holds, by bytes relative to SP at the entry. */
  readonly slots: ReadonlyMap<number, number>;
}

export const atEntry: Facts = {
  defined: 0,
  own: CALL_PRESERVED,
  stored: 0,
  stack: 0,
  frame: null,
  slots: new Map(),
};

export const joinFacts = (a: Facts, b: Facts): Facts => {
  const slots = new Map([...a.slots].filter(([offset, register]) => b.slots.get(offset) === register));
  const joined: Facts = {
    defined: a.defined & b.defined,
    own: a.own & b.own,
    stored: a.stored & b.stored,
    stack: a.stack === b.stack ? a.stack : null,
    frame: a.frame === b.frame ? a.frame : null,
    slots,
  };
  const isSame =
    joined.defined === a.defined &&
    joined.own === a.own &&
    joined.stored === a.stored &&
    joined.stack === a.stack &&
    joined.frame === a.frame &&
    slots.size === a.slots.size;
  return isSame ? a : joined;
};

/** General registers that a 64-bit store to the stack saves: this is how functions save what they must preserve. */
export const savedOnStack = ({ word }: Instruction): number => {
  const frame = decodeFrameAccess(word);
  if (frame?.access !== 'store' || frame.base !== STACK) return 0;
  return frame.slots.reduce((mask, { register }) => mask | (1 << register), 0);
};

/** Behind an instruction that does not branch. */
export const factsAfter = (instruction: Instruction, before: Facts): Facts => {
  const { word, writes } = instruction;
  const state: Facts = {
    ...before,
    defined: before.defined | surelyWritten(word),
    own: before.own & ~writes,
    stored: before.stored | ((decodeMemory(word)?.stores ?? 0) & before.own),
    frame: writes & (1 << FRAME) ? null : before.frame,
  };
  const access = decodeFrameAccess(word);
  if (access) return afterAccess(access, before, state);
  return afterStackChange(instruction, before, state);
};

/** Base register numbers of SP and x29. */
const STACK = 31;
const FRAME = 29;

const baseOf = (register: number, { stack, frame }: Facts): number | null =>
  register === STACK || register === SP ? stack : register === FRAME ? frame : null;

const afterAccess = ({ access, base, slots, step }: FrameAccess, before: Facts, state: Facts): Facts => {
  const at = baseOf(base, before);
  const stack = base === STACK && step !== 0 ? (at === null ? null : at + step) : state.stack;
  if (at === null) return { ...state, stack };
  const places = slots.map(({ register, offset }) => ({ register, offset: at + offset }));
  if (access === 'store') return { ...state, stack, slots: withStores(before.slots, places, before.own) };
  const fetched = places
    .filter(({ register, offset }) => before.slots.get(offset) === register)
    .reduce((mask, { register }) => mask | (1 << register), 0);
  return { ...state, stack, own: state.own | fetched };
};

/** ADD and SUB of a constant move SP and x29. After anything else that writes SP, its value is unknown. */
const afterStackChange = ({ operation, word }: Instruction, before: Facts, state: Facts): Facts => {
  if (operation?.kind === 'sum' && (operation.to === SP || operation.to === FRAME)) {
    const { left, right, subtract, wide, to } = operation;
    const base = left === ZERO ? null : baseOf(left, before);
    const isKnown = base !== null && right.kind === 'constant' && wide;
    const value = isKnown ? base + (subtract ? -Number(right.value) : Number(right.value)) : null;
    return to === SP ? { ...state, stack: value } : { ...state, frame: value };
  }
  const memory = decodeMemory(word);
  const isStepped = memory?.writeback === true && memory.base === STACK;
  return operation?.to === SP || isStepped || maySwitchStack(word) ? { ...state, stack: null } : state;
};

interface Slot {
  readonly register: number;
  /** Bytes relative to SP at the entry. */
  readonly offset: number;
}

/** Slots that are kept track of: twelve registers are saved by a function, some of them again around a call. */
const MOST_SLOTS = 64;

/** The slots after a store to the stack: an overwritten slot no longer holds its register. */
const withStores = (
  slots: ReadonlyMap<number, number>,
  places: readonly Slot[],
  own: number,
): ReadonlyMap<number, number> => {
  if (places.length === 0) return slots;
  const after = new Map(slots);
  for (const { register, offset } of places) {
    for (let at = offset - 7; at < offset + 8; at++) after.delete(at);
    if (own & (1 << register) && after.size < MOST_SLOTS) after.set(offset, register);
  }
  return after;
};
