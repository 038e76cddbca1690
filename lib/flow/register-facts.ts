// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What holds before an instruction of a function on all paths to it: which
// registers were written, which call-preserved registers still hold their value
// from the entry, and where on the stack those values are saved.

import type { FrameAccess } from '../aarch64/frame-access.js';
import { decodeMemory, maySwitchStack, surelyWritten } from '../aarch64/instructions.js';
import { SP, ZERO } from '../aarch64/operations.js';
import { CALL_PRESERVED, FRAME_POINTER, LINK } from '../aarch64/registers.js';
import type { Instruction } from '../code/instruction.js';

export interface Facts {
  /** Registers that were written, as a mask (so are the next two). */
  readonly defined: number;
  /** Call-preserved registers, and x29, that still hold their value from the entry. */
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
  own: CALL_PRESERVED | FRAME_POINTER,
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

/**
 * Registers that a 64-bit store to the stack saves, which is no use of them: those that a function must preserve. An
 * argument that is stored there is fetched again to be used.
 */
export const savedOnStack = ({ frameAccess: frame }: Instruction): number => {
  if (frame?.access !== 'store' || frame.base !== STACK) return 0;
  const stored = frame.slots.reduce((mask, { register }) => mask | (1 << register), 0);
  return stored & (CALL_PRESERVED | FRAME_POINTER | LINK);
};

/** Saved registers that a load from the stack fetches into others, as a mask: they are read after all. */
export const fetchedElsewhere = ({ frameAccess: access }: Instruction, before: Facts): number => {
  const base = access?.access === 'load' ? baseOf(access.base, before) : null;
  if (!access || base === null || before.slots.size === 0) return 0;
  const start = base + access.offset;
  let mask = 0;
  for (const [slot, saved] of before.slots) {
    const isBack = access.slots.some(({ register, offset }) => register === saved && base + offset === slot);
    if (slot + 8 > start && slot < start + access.bytes && !isBack) mask |= 1 << saved;
  }
  return mask;
};

/** Behind an instruction that does not branch. */
export const factsAfter = (instruction: Instruction, before: Facts): Facts => {
  const { word, writes, reads, frameAccess: access } = instruction;
  const defined = before.defined | surelyWritten(word);
  const own = before.own & ~writes;
  // What is stored is read.
  const mayStore = (reads & before.own) !== 0;
  const stored = mayStore ? before.stored | ((decodeMemory(word)?.stores ?? 0) & before.own) : before.stored;
  const frame = writes & FRAME_POINTER ? null : before.frame;
  const { stack, slots } = before;
  const isSame = defined === before.defined && own === before.own && stored === before.stored;
  const keepsPointers = !instruction.usesStack && (writes & FRAME_POINTER) === 0;
  // Most instructions have to do with neither the stack nor what the caller has in registers.
  if (!access && keepsPointers) return isSame ? before : { defined, own, stored, stack, frame, slots };
  const state: Facts = { defined, own, stored, stack, frame, slots };
  return access ? afterAccess(access, before, state) : afterStackChange(instruction, before, state);
};

/** Base register numbers of SP and x29. */
const STACK = 31;
const FRAME = 29;

const baseOf = (register: number, { stack, frame }: Facts): number | null =>
  register === STACK || register === SP ? stack : register === FRAME ? frame : null;

const afterAccess = (access: FrameAccess, before: Facts, state: Facts): Facts => {
  const { base, step } = access;
  const at = baseOf(base, before);
  if (at === null) return state;
  const stack = base === STACK ? at + step : state.stack;
  if (access.access === 'store') return { ...state, stack, slots: withStore(before, access, at) };
  const places = access.slots.map(({ register, offset }) => ({ register, offset: at + offset }));
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

/**
 * Whether an instruction leaves alone what is on the stack above SP at the entry, gives nobody an address on the stack,
 * and does not look at the caller's x29. ADD and SUB that keep SP and x29 known do.
 */
export const leavesStackAlone = (instruction: Instruction, before: Facts): boolean => {
  const { frameAccess: access, operation, reads, usesStack } = instruction;
  const at = access ? baseOf(access.base, before) : null;
  if (access && at !== null) {
    const start = at + access.offset;
    const end = start + access.bytes;
    if (access.access === 'store')
      return end <= 0 && (before.frame === null || !access.registers.includes(FRAME));
    return (fetchedElsewhere(instruction, before) & FRAME_POINTER) === 0;
  }
  if (operation?.kind === 'sum' && (operation.to === SP || operation.to === FRAME)) {
    const { left, right, wide } = operation;
    if (left !== ZERO && wide && right.kind === 'constant' && baseOf(left, before) !== null) return true;
  }
  const isFrame = before.frame !== null || (before.own & FRAME_POINTER) !== 0;
  return !usesStack && !(isFrame && (reads & FRAME_POINTER) !== 0);
};

/** Slots that are kept track of: twelve registers are saved by a function, some of them again around a call. */
const MOST_SLOTS = 64;

/** The slots after a store to the stack: an overwritten slot no longer holds its register. */
const withStore = (
  { slots: before, own }: Facts,
  { slots, offset, bytes }: FrameAccess,
  base: number,
): ReadonlyMap<number, number> => {
  // Most stores change nothing here, and the facts before each instruction are kept: they share one map.
  const overwritten: number[] = [];
  for (let at = base + offset - 7; at < base + offset + bytes; at++) if (before.has(at)) overwritten.push(at);
  const saved = slots.filter(({ register }) => own & (1 << register));
  if (overwritten.length === 0 && (saved.length === 0 || before.size >= MOST_SLOTS)) return before;
  const after = new Map(before);
  for (const at of overwritten) after.delete(at);
  for (const { register, offset: slot } of saved) {
    if (after.size < MOST_SLOTS) after.set(base + slot, register);
  }
  return after;
};
