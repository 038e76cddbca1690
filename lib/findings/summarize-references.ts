// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What --references=summary prints: what hyp code depends on, each thing once, so
// that two kernels can be compared with diff. It contains no places, no lines and
// nothing that depends on the order of the link.

import { nameAt } from '../code/functions.js';
import type { Access } from '../diagnostics/diagnostic.js';
import type { Reach } from '../flow/reach.js';
import { sourceName, stableSectionName } from '../link/symbol-names.js';
import { type Judgement, leavesHyp } from '../policy/judge.js';

export interface Dependency {
  /** Of the host; null if no input defines the symbol. */
  readonly section: string | null;
  /** null if no symbol covers the place. */
  readonly symbol: string | null;
  readonly access: Access;
  /** `left out`: no machine without VHE executes it. */
  readonly outcome: 'fine' | 'not fine' | 'unknown' | 'left out';
  /** How many hyp functions or variables depend on it. */
  readonly users: number;
}

const outcomes = { fine: 'fine', broken: 'not fine', unknown: 'unknown' } as const;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted by section, symbol, access and outcome. */
export const summarizeReferences = ({
  judgements,
  reaches,
}: {
  readonly judgements: readonly Judgement[];
  readonly reaches: ReadonlyMap<Judgement, Reach>;
}): readonly Dependency[] => {
  const groups = new Map<string, { readonly dependency: Dependency; readonly users: Set<string> }>();
  for (const judgement of judgements.filter(leavesHyp)) {
    const { reference, target, verdict } = judgement;
    const dependency: Dependency = {
      section: target.section === null ? null : stableSectionName(target.section),
      symbol: target.name === null ? null : sourceName(target.name),
      access: reference.access,
      outcome: reaches.get(judgement)?.kind === 'left-out' ? 'left out' : outcomes[verdict.kind],
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
        compare(a.section ?? '', b.section ?? '') ||
        compare(a.symbol ?? '', b.symbol ?? '') ||
        compare(a.access, b.access) ||
        compare(a.outcome, b.outcome),
    );
};
