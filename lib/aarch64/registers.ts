// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Sets of general registers as the calling convention names them, as bit
// masks: bit n is xn. [AAPCS64 "General-purpose registers"]

/** A mask of the registers `first` to `last`. */
const range = (first: number, last: number): number => 2 ** (last + 1) - 2 ** first;

/** x0 to x30: all but SP. */
export const GENERAL = range(0, 30);
/** x0 to x18: a callee may change them. */
export const CALLER_SAVED = range(0, 18);
/** x19 to x28: a callee preserves them. (So it does x29, the frame pointer.) */
export const CALL_PRESERVED = range(19, 28);
/** x0 to x7 hold arguments; x8 points to where a large result goes. [AAPCS64 "Parameter passing"] */
export const ARGUMENTS = range(0, 8);
/** x29: the frame pointer. */
export const FRAME_POINTER = range(29, 29);
/** x30: the return address; by number, and as a mask. */
export const LINK_NUMBER = 30;
export const LINK = range(LINK_NUMBER, LINK_NUMBER);
/** x0, or x0 and x1. [AAPCS64 "Result return"] */
export const RESULTS = range(0, 1);

/** How many registers are in a mask. */
export const countOf = (mask: number): number => {
  const pairs = mask - ((mask >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};
