// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A finding: a claim, and the place whose source line is shown. No lines are looked
// up yet.

import type { Reach } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import type { Claim } from '../pages/claim.js';
import type { Judgement } from '../policy/judge.js';

export interface Finding {
  readonly claim: Claim;
  /** The place whose source line is shown; null if it concerns a whole run or file. */
  readonly at: Place | null;
  /** Which line: that of the instruction, or the declaration of the variable or function there. */
  readonly shows: 'instruction' | 'variable' | 'function';
  /** null: there is no reference behind it. */
  readonly judgement: Judgement | null;
  /** Who executes the reference; null if that was not asked. */
  readonly reach: Reach | null;
  /** References that are notes of this finding and not findings themselves. */
  readonly users: readonly Judgement[];
  /** Further relocations with the same cause. */
  readonly absorbed: readonly Judgement[];
  readonly object: string;
}

const none: readonly Judgement[] = [];

/** `object`: the file's path. `more`: what else there is besides the claim. */
export const makeFinding = (claim: Claim, object: string, more: Partial<Finding> = {}): Finding => {
  const { at = null, shows = 'instruction', judgement = null, reach = null, users = none } = more;
  return { claim, at, shows, judgement, reach, users, absorbed: more.absorbed ?? none, object };
};

/** What could not be checked, in a sentence about an object or about the run. */
export const unchecked = (object: string, sentence: string, at: Place | null = null): Finding =>
  makeFinding({ warning: 'hyp-unchecked', facts: { kind: 'sentence', sentence } }, object, { at });

/** Nobody reads more, and to look up the lines of each takes its time. */
const MOST_FINDINGS = 10_000;
/** Characters of names in all their sentences. */
const MOST_TEXT = 1_000_000;

/** Characters of the strings in some facts. */
const lengthOf = (facts: object): number => {
  let length = 0;
  for (const fact of Object.values(facts)) {
    if (typeof fact === 'string') length += fact.length;
    else if (typeof fact === 'object' && fact !== null) length += lengthOf(fact);
  }
  return length;
};

/** How many of some sentences are told, the first ones, by how many characters of names each has. */
export const countTold = (lengths: readonly number[]): number => {
  let text = 0;
  const end = lengths.findIndex((length, index) => {
    text += length;
    return index === MOST_FINDINGS || text > MOST_TEXT;
  });
  return end < 0 ? lengths.length : end;
};

/** As many as are told, and that there are more. */
export const bounded = (findings: readonly Finding[]): readonly Finding[] => {
  const end = countTold(findings.map(({ claim }) => lengthOf(claim.facts)));
  const next = findings[end];
  if (!next) return findings;
  const more = unchecked(next.object, `there are more than ${end} findings; the rest is not told`);
  return [...findings.slice(0, end), more];
};
