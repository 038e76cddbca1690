// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is thought of a reference, in a word, where references are listed or drawn.

import type { Reach } from '../flow/reach.js';
import type { Judgement } from '../policy/judge.js';

/** What a run judged, and who executes what was asked for. */
export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly reaches: ReadonlyMap<Judgement, Reach>;
}

/** `left out`: no machine without VHE executes it. The worst comes first. */
export const outcomes = ['not fine', 'unknown', 'left out', 'fine'] as const;
export type Outcome = (typeof outcomes)[number];

const words = { fine: 'fine', broken: 'not fine', unknown: 'unknown' } as const;

export const outcomeOf = (judgement: Judgement, reaches: Judged['reaches']): Outcome =>
  reaches.get(judgement)?.kind === 'left-out' ? 'left out' : words[judgement.verdict.kind];
