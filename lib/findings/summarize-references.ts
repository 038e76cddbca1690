// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What --references=summary prints: what hyp code depends on, each thing once, so
// that two kernels can be compared with diff. It contains no places, no lines and
// nothing that depends on the order of the link.

import { nameAt } from '../code/functions.js';
import { type Access, compareText } from '../diagnostics/diagnostic.js';
import { sourceName, stableSectionName } from '../link/symbol-names.js';
import { leavesHyp } from '../policy/judge.js';
import { type Judged, type Outcome, outcomeOf } from './outcome.js';

export interface Dependency {
  /** Of the host; null if no input defines the symbol. */
  readonly section: string | null;
  /** null if no symbol covers the place. */
  readonly symbol: string | null;
  readonly access: Access;
  readonly outcome: Outcome;
  /** How many hyp functions or variables depend on it. */
  readonly users: number;
}

/** Sorted by section, symbol, access and outcome. */
export const summarizeReferences = ({ judgements, reaches }: Judged): readonly Dependency[] => {
  const groups = new Map<string, { readonly dependency: Dependency; readonly users: Set<string> }>();
  for (const judgement of judgements.filter(leavesHyp)) {
    const { reference, target } = judgement;
    const dependency: Dependency = {
      section: target.section === null ? null : stableSectionName(target.section),
      symbol: target.name === null ? null : sourceName(target.name),
      access: reference.access,
      outcome: outcomeOf(judgement, reaches),
      users: 0,
    };
    const key = JSON.stringify(dependency);
    const group = groups.get(key) ?? { dependency, users: new Set() };
    const user = nameAt(reference.owner);
    group.users.add(user === null ? `${reference.owner.section.name}` : sourceName(user));
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ dependency, users }) => ({ ...dependency, users: users.size }))
    .sort(
      (a, b) =>
        compareText(a.section ?? '', b.section ?? '') ||
        compareText(a.symbol ?? '', b.symbol ?? '') ||
        compareText(a.access, b.access) ||
        compareText(a.outcome, b.outcome),
    );
};
