// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A finding: what is claimed, and the place whose line of source is shown. No
// lines are looked up yet.

import type { Reach } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import type { Claim } from '../pages/claim.js';
import type { Judgement } from '../policy/judge.js';

export interface Finding {
  readonly claim: Claim;
  /** Whose line of source is shown; null for what concerns a whole run or file. */
  readonly at: Place | null;
  /** What is shown: the instruction's line, or where the variable or the function there is declared. */
  readonly shows: 'instruction' | 'variable' | 'function';
  /** null where no reference is behind it. */
  readonly judgement: Judgement | null;
  /** What executes the reference; null where that was not looked into. */
  readonly reach: Reach | null;
  /** References that are not findings of their own but belong to this one, for its notes. */
  readonly users: readonly Judgement[];
  /** More relocations that have the same cause. */
  readonly absorbed: readonly Judgement[];
  readonly object: string;
}

const nothingMore = {
  at: null,
  shows: 'instruction',
  judgement: null,
  reach: null,
  users: [],
  absorbed: [],
} as const satisfies Partial<Finding>;

/** `object`: the file's path. `more`: what there is besides the claim. */
export const makeFinding = (claim: Claim, object: string, more: Partial<Finding> = {}): Finding => ({
  ...nothingMore,
  ...more,
  claim,
  object,
});

/** What could not be checked, in a sentence about an object or about the run. */
export const unchecked = (object: string, sentence: string, at: Place | null = null): Finding =>
  makeFinding({ warning: 'hyp-unchecked', facts: { kind: 'sentence', sentence } }, object, { at });
