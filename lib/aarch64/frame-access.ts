// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A load or store of one register or a pair by base and displacement, the form
// in which functions save registers in their frame and fetch them again: which
// register goes to which bytes behind the base, and how the base is stepped.
// [Arm ARM C4.1 "Load/store register pair", "Load/store register (immediate)"]

import { bit, field, signedField } from './fields.js';
import { decodeMemory } from './instructions.js';
import type { Register } from './operations.js';

export interface FrameAccess {
  readonly access: 'load' | 'store';
  readonly base: Register;
  /** 64-bit registers with their places, in bytes from the base as it was; none for narrower and vector registers. */
  readonly slots: readonly { readonly register: Register; readonly offset: number }[];
  /** Bytes that the base is stepped by; 0 without write-back. */
  readonly step: number;
}

/** null for what is no such load or store: an index, an atomic, a literal, a structure of vectors. */
export const decodeFrameAccess = (word: number): FrameAccess | null => {
  const memory = decodeMemory(word);
  if (memory?.mode !== 'offset' || memory.access === 'prefetch') return null;
  const group = field(word, 27, 3);
  const isPair = group === 5;
  const isScaled = group === 7 && bit(word, 24);
  const isUnscaled = group === 7 && !bit(word, 24) && !bit(word, 21);
  if (!isPair && !isScaled && !isUnscaled) return null;
  const isVector = bit(word, 26);
  const width = widthOf(word, isPair, isVector);
  const displacement = isPair
    ? signedField(word, 15, 7) * width
    : isScaled
      ? field(word, 10, 12) * width
      : signedField(word, 12, 9);
  const isPost = memory.writeback && (isPair ? field(word, 23, 2) === 1 : field(word, 10, 2) === 1);
  const registers = isPair ? [field(word, 0, 5), field(word, 10, 5)] : [field(word, 0, 5)];
  return {
    access: memory.access,
    base: memory.base,
    slots:
      isVector || width !== 8
        ? []
        : registers
            .map((register, index) => ({ register, offset: (isPost ? 0 : displacement) + index * 8 }))
            .filter(({ register }) => register < 31),
    step: memory.writeback ? displacement : 0,
  };
};

/** Bytes of one register as it is transferred. */
const widthOf = (word: number, isPair: boolean, isVector: boolean): number => {
  const scale = field(word, 30, 2);
  if (isPair) return isVector ? 4 << scale : 4 << (scale >>> 1);
  return isVector && scale === 0 && bit(word, 23) ? 16 : 1 << scale;
};
