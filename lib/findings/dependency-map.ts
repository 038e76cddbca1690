// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hyp code depends on, for a picture: who refers to what, each pair once, with
// the worst that is known of it. --references=summary says the same by target alone.

import { nameAt } from '../code/functions.js';
import type { Family } from '../code/sections.js';
import { type Access, compareText } from '../diagnostics/diagnostic.js';
import { sourceName, stableSectionName } from '../link/symbol-names.js';
import { leavesHyp } from '../policy/judge.js';
import { type Judged, type Outcome, outcomeOf, outcomes } from './outcome.js';

export interface Dependence {
  /** A function or variable of hyp; its section if no symbol covers the place. */
  readonly from: string;
  /** A symbol; its section, or `?`, if it has no name. */
  readonly to: string;
  /** null: no input defines it. */
  readonly family: Family | null;
  readonly accesses: readonly Access[];
  readonly outcome: Outcome;
}

const rank = (outcome: Outcome): number => outcomes.indexOf(outcome);

/** Sorted by source, family and target. */
export const dependencyMap = ({ judgements, reaches }: Judged): readonly Dependence[] => {
  const pairs = new Map<string, Dependence>();
  for (const judgement of judgements.filter(leavesHyp)) {
    const { reference, target } = judgement;
    const user = nameAt(reference.owner);
    const from = user === null ? stableSectionName(reference.owner.section.name) : sourceName(user);
    const section = target.section === null ? '?' : stableSectionName(target.section);
    const to = target.name === null ? section : sourceName(target.name);
    const outcome = outcomeOf(judgement, reaches);
    // No name of a symbol or a section has a NUL.
    const key = `${from}\0${target.family}\0${to}`;
    const known = pairs.get(key);
    pairs.set(key, {
      from,
      to,
      family: target.family,
      accesses: [...new Set([...(known?.accesses ?? []), reference.access])].sort(),
      outcome: known && rank(known.outcome) < rank(outcome) ? known.outcome : outcome,
    });
  }
  return [...pairs.values()].sort(
    (a, b) =>
      compareText(a.from, b.from) || compareText(a.family ?? '', b.family ?? '') || compareText(a.to, b.to),
  );
};
