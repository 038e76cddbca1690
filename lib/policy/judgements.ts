// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The verdicts on the references of one object, taken one by one. Most are fine and
// are only counted: a large link has hundreds of thousands.

import type { Reference } from '../references/reference.js';
import { type Judgement, judge, leavesHyp } from './judge.js';
import { dataCaveatOf, type Policy } from './policy.js';
import { pointsAtStray } from './stray-sections.js';

export interface ReferenceCounts {
  readonly references: number;
  /** How many of them leave hyp. */
  readonly leaving: number;
}

export class Judgements implements ReferenceCounts {
  /** Those that are not fine, those of references to stray parts and, if they are wanted, all that leave hyp. */
  readonly kept: Judgement[] = [];
  references = 0;
  leaving = 0;
  readonly #policy: Policy;
  readonly #wantsLeaving: boolean;
  readonly #judgesData: boolean;

  constructor(policy: Policy, wantsLeaving: boolean) {
    this.#policy = policy;
    this.#wantsLeaving = wantsLeaving;
    this.#judgesData = dataCaveatOf(policy) === null;
  }

  /** References to data are left out where they cannot be judged. */
  readonly take = (reference: Reference): void => {
    const { access } = reference;
    if (!this.#judgesData && access !== 'call' && access !== 'jump') return;
    const judgement = judge(reference, this.#policy);
    const leaves = leavesHyp(judgement);
    this.references++;
    if (leaves) this.leaving++;
    const isWanted = judgement.verdict.kind !== 'fine' || (this.#wantsLeaving && leaves);
    if (isWanted || this.#isStrayUse(reference)) this.kept.push(judgement);
  };

  #isStrayUse(reference: Reference): boolean {
    return this.#policy.generation.reportsStrays && pointsAtStray(reference, this.#policy);
  }
}
