// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a caller has to know of a function: which registers it may read before
// writing them, which it may write, which call-preserved ones it may return
// changed, whether it leaves the stack alone.

import { ARGUMENTS, CALL_PRESERVED, CALLER_SAVED, GENERAL } from '../aarch64/registers.js';

/** Masks of general registers, bit n for xn. */
export interface RegisterSummary {
  /** x0 to x29 whose value from the entry it or its callees may use; saving one on the stack is not a use. */
  readonly reads: number;
  /** x0 to x18 that may be written. */
  readonly writes: number;
  /** x19 to x28 that may hold another value when it returns. */
  readonly changes: number;
  /** Its return address may have been saved, so that after an ERET control may still come back to the caller. */
  readonly keepsLink: boolean;
  /** The return address is computed: it returns somewhere else. */
  readonly movesLink: boolean;
  /** Control may come back behind a call of it. */
  readonly returns: boolean;
  /** Behind a call SP and x29 are as they were, and so is what the caller has on the stack, unless its address is known. */
  readonly keepsStack: boolean;
}

/** Of a function whose code is not seen: the calling convention. */
export const conventionalSummary: RegisterSummary = {
  reads: ARGUMENTS,
  writes: CALLER_SAVED,
  changes: 0,
  keepsLink: false,
  movesLink: false,
  returns: true,
  keepsStack: false,
};

/** Of one that never returns. */
export const finalSummary: RegisterSummary = { ...conventionalSummary, returns: false };

/**
 * Anything: of a function whose callers are not seen, so that nobody asks what it leaves alone, and of one that cannot be
 * followed because it calls itself.
 */
export const anySummary: RegisterSummary = {
  reads: GENERAL,
  writes: CALLER_SAVED,
  changes: CALL_PRESERVED,
  keepsLink: true,
  movesLink: false,
  returns: true,
  keepsStack: false,
};
