// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Numbers that a procedure has put on its stack, and where SP and x29 point. Only
// what lies below SP at the entry counts: nobody has a pointer to that before the
// procedure makes one. As soon as it does (by anything but `mov x29, sp`), or SP
// is moved by an unknown distance, nothing is known of the stack any more (null).
// So no store through another register can reach a slot.
//
//     str  x9, [sp, #24]     // x9: a bit of cpu_hwcaps
//     bl   f                 // f leaves its caller's stack alone (summary.ts)
//     ldr  x9, [sp, #24]
//     cbz  x9, 1f            // taken without VHE
//
// Addresses are not kept: one that is stored escapes.

import type { FrameAccess } from '../aarch64/frame-access.js';
import { SP, ZERO } from '../aarch64/operations.js';
import { FRAME_POINTER } from '../aarch64/registers.js';
import type { Instruction } from '../code/instruction.js';
import { adjust } from './arithmetic.js';
import { low32, sameValue, unmarked, type Value } from './values.js';

export interface Stack {
  /** SP and x29 in bytes relative to SP at the entry; x29 may be somebody else's (null). */
  readonly sp: number;
  readonly frame: number | null;
  /** By bytes relative to SP at the entry. */
  readonly slots: ReadonlyMap<number, Slot>;
}

interface Slot {
  readonly size: 1 | 2 | 4 | 8;
  readonly value: Value;
}

/** Slots that are kept track of. */
const MOST_SLOTS = 16;

const SP_NUMBER = 31;
const FRAME = 29;

const noSlots: ReadonlyMap<number, Slot> = new Map();

export const stackAtEntry: Stack = { sp: 0, frame: null, slots: noSlots };

/** What holds of both; `a` itself if it loses nothing. */
export const joinStacks = (a: Stack | null, b: Stack | null): Stack | null => {
  if (a === b || a === null) return a;
  if (b === null || a.sp !== b.sp || a.frame !== b.frame) return null;
  const slots = new Map(
    [...a.slots].filter(([offset, { size, value }]) => {
      const other = b.slots.get(offset);
      return other?.size === size && sameValue(other.value, value);
    }),
  );
  return slots.size === a.slots.size ? a : { ...a, slots };
};

/** Behind an instruction that does not branch; `valueIn`: what is in a register before it. */
export const stackAfter = (
  instruction: Instruction,
  before: Stack,
  valueIn: (register: number) => Value,
): Stack | null => {
  const { operation, reads, writes, usesStack } = instruction;
  const usesFrame = ((reads | writes) & FRAME_POINTER) !== 0;
  if (!usesFrame && !usesStack) return before;
  const access = instruction.frameAccess;
  const base = access ? placeOf(access.base, before) : null;
  if (access && base !== null) return afterAccess(access, base, before, valueIn);
  if (operation?.kind === 'sum' && (operation.to === SP || operation.to === FRAME)) {
    const { left, right, subtract, wide, to } = operation;
    const from = left === ZERO ? null : placeOf(left, before);
    if (from !== null && wide && right.kind === 'constant') {
      const at = from + (subtract ? -Number(right.value) : Number(right.value));
      return to === SP ? withPointer(before, at) : { ...before, frame: at };
    }
  }
  // An address on the stack goes somewhere else, or SP does.
  if (usesStack || (before.frame !== null && (reads & FRAME_POINTER) !== 0)) return null;
  return writes & FRAME_POINTER ? { ...before, frame: null } : before;
};

const placeOf = (register: number, { sp, frame }: Stack): number | null =>
  register === SP_NUMBER || register === SP ? sp : register === FRAME ? frame : null;

/** What lies below SP is gone. */
const withPointer = (stack: Stack, sp: number): Stack => ({
  ...stack,
  sp,
  slots: sp > stack.sp ? without(stack.slots, -Infinity, sp) : stack.slots,
});

const without = (slots: ReadonlyMap<number, Slot>, start: number, end: number): ReadonlyMap<number, Slot> => {
  const kept = [...slots].filter(([offset, { size }]) => offset >= end || offset + size <= start);
  return kept.length === slots.size ? slots : new Map(kept);
};

const afterAccess = (
  { access, base, offset, bytes, registers, step }: FrameAccess,
  at: number,
  before: Stack,
  valueIn: (register: number) => Value,
): Stack | null => {
  let { slots } = before;
  let { frame } = before;
  if (access === 'store') {
    if (frame !== null && registers.includes(FRAME)) return null;
    const start = at + offset;
    slots = without(slots, start, start + bytes);
    const size = sizes.find((one) => one * registers.length === bytes);
    if (size) {
      const after = new Map(slots);
      registers.forEach((register, index) => {
        const value = cutTo(valueIn(register), size);
        const place = start + index * size;
        if (value?.kind === 'bits' && place + size <= 0 && after.size < MOST_SLOTS)
          after.set(place, { size, value: unmarked(value) });
      });
      if (after.size !== slots.size) slots = after;
    }
  } else if (registers.includes(FRAME)) frame = null;
  const stepped: Stack = { ...before, frame, slots };
  if (step === 0) return stepped;
  return base === SP_NUMBER ? withPointer(stepped, before.sp + step) : { ...stepped, frame: at + step };
};

const sizes = [1, 2, 4, 8] as const;

/** The low bytes of a value, zero-extended. */
const cutTo = (value: Value, size: Slot['size']): Value => {
  switch (size) {
    case 1:
      return adjust(value, { kind: 'uxtb', amount: 0 }, true);
    case 2:
      return adjust(value, { kind: 'uxth', amount: 0 }, true);
    case 4:
      return low32(value);
    case 8:
      return value;
    default:
      return size satisfies never;
  }
};

/** What a load finds at a displacement from SP or x29, zero-extended; null: anything. */
export const stackedAt = (stack: Stack | null, base: number, displacement: number, size: number): Value => {
  const at = stack && placeOf(base, stack);
  const slot = at === null ? undefined : stack?.slots.get(at + displacement);
  if (!slot) return null;
  const narrow = sizes.find((one) => one === size && one <= slot.size);
  return narrow ? cutTo(slot.value, narrow) : null;
};

/** Behind a call; `isKept`: the callee leaves its caller's stack alone. What lies below SP is the callee's. */
export const stackBehindCall = (stack: Stack | null, isKept: boolean): Stack | null => {
  if (!stack || !isKept) return null;
  const slots = without(stack.slots, -Infinity, stack.sp);
  return slots === stack.slots ? stack : { ...stack, slots };
};
