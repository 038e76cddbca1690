// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Bits of an instruction word.

/** `width` bits from bit `low` up. */
export const field = (word: number, low: number, width: number): number =>
  (word >>> low) & ((1 << width) - 1);

export const bit = (word: number, at: number): boolean => ((word >>> at) & 1) !== 0;

export const signedField = (word: number, low: number, width: number): number =>
  (word << (32 - low - width)) >> (32 - width);
