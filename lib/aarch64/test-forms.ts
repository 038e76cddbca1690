// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What decides conditional branches, by the form of their words.

import { bit, field } from './fields.js';
import type { Test } from './operations.js';

/** B.cond, BC.cond. */
export const onFlags = (word: number): Test => ({ kind: 'flags', condition: word & 15 });

/** CBZ, CBNZ. */
export const onZero = (word: number): Test => ({
  kind: 'zero',
  register: field(word, 0, 5),
  wide: bit(word, 31),
  negate: bit(word, 24),
});

/** TBZ, TBNZ. */
export const onBit = (word: number): Test => ({
  kind: 'bit',
  register: field(word, 0, 5),
  bit: field(word, 19, 5) + (bit(word, 31) ? 32 : 0),
  negate: bit(word, 24),
});
