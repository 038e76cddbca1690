// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What holds in front of an instruction of a function on all ways to it: which
// registers were written, which call-preserved ones still are what they were at
// the entry, and where on the stack those are saved.

import { decodeMemory, decodeTransfer, registersOverwritten } from '../aarch64/instructions.js';
import { SP } from '../aarch64/operations.js';
import type { Instruction } from '../code/instruction.js';

/** x19 to x28, as a mask. [AAPCS64 "General-purpose registers"] */
export const PRESERVED = 0x1ff80000;

/** What holds in front of an instruction, on all ways to it. */
export interface Facts {
  /** Registers that were written. */
  readonly defined: number;
  /** Call-preserved registers that hold what they held at the entry. */
  readonly own: number;
  /** Call-preserved registers whose value at the entry was stored somewhere. */
  readonly stored: number;
  /** SP and x29 as bytes from SP at the entry; null: not known. */
  readonly stack: number | null;
  readonly frame: number | null;
  /** Slots of the stack, by bytes from SP at the entry, that hold a register's value at the entry. */
  readonly slots: ReadonlyMap<number, number>;
}

export const atEntry: Facts = {
  defined: 0,
  own: PRESERVED,
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

/** General registers of a 64-bit store to the stack: a function that is to keep them saves them so. */
export const savedOnStack = ({ word }: Instruction): number => {
  const memory = decodeMemory(word);
  if (memory?.access !== 'store' || memory.base !== 31) return 0;
  const { places } = stackAccess(word, 0);
  return places.reduce((mask, { register, offset }) => (offset === null ? mask : mask | (1 << register)), 0);
};

/** Behind an instruction that does not branch. */
export const factsAfter = (instruction: Instruction, state: Facts): Facts => {
  const { word, writes, operation } = instruction;
  let { stack, frame, own, stored, slots } = state;
  const memory = decodeMemory(word);
  own &= ~writes;
  const baseOf = (register: number): number | null =>
    register === 31 || register === SP ? stack : register === 29 ? frame : null;
  if (memory && memory.mode !== 'literal') {
    const { places, after } = stackAccess(word, baseOf(memory.base));
    if (memory.access === 'store') {
      for (const { register } of places) stored |= (1 << register) & state.own;
      if (baseOf(memory.base) !== null) slots = withStores(slots, places, state.own);
    } else {
      for (const { register, offset } of places)
        if (offset !== null && slots.get(offset) === register) own |= 1 << register;
    }
    if (memory.writeback && memory.base === 31) stack = after;
  } else if (operation?.kind === 'sum' && (operation.to === SP || operation.to === 29)) {
    const { left, right, subtract, wide } = operation;
    const base = left === SP || left === 29 ? baseOf(left) : null;
    const known =
      base === null || right.kind !== 'constant' || !wide
        ? null
        : base + (subtract ? -Number(right.value) : Number(right.value));
    if (operation.to === SP) stack = known;
    else frame = known;
  } else if (operation?.to === SP) stack = null;
  if (writes & (1 << 29) && !(operation?.kind === 'sum' && operation.to === 29)) frame = null;
  return { defined: state.defined | registersOverwritten(word), own, stored, stack, frame, slots };
};

interface StackPlace {
  readonly register: number;
  /** Bytes from SP at the entry; null where that is not known, or the slot is no 64 bits. */
  readonly offset: number | null;
}

/** The general registers that a load or store transfers, with their slots; and its base afterwards. */
const stackAccess = (
  word: number,
  base: number | null,
): { readonly places: readonly StackPlace[]; readonly after: number | null } => {
  const transfer = decodeTransfer(word);
  if (!transfer) return { places: [], after: null };
  const places = transfer.slots.map(({ register, offset, size }) => ({
    register,
    offset: base === null || offset === null || size !== 8 ? null : base + offset,
  }));
  return { places, after: base === null ? null : base + transfer.step };
};

/** The slots after a store to the stack: those that it overwrites hold something else. */
const withStores = (
  slots: ReadonlyMap<number, number>,
  places: readonly StackPlace[],
  own: number,
): ReadonlyMap<number, number> => {
  if (places.length === 0) return slots;
  const after = new Map(slots);
  for (const { register, offset } of places) {
    if (offset === null) continue;
    for (let at = offset - 7; at < offset + 8; at++) after.delete(at);
    if (own & (1 << register)) after.set(offset, register);
  }
  return after;
};
