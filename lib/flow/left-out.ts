// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What no machine without VHE executes, and why: found when somebody asks, since in
// a large link there are ten thousands.

import type { Judgement } from '../policy/judge.js';
import type { PlacedGate } from './way.js';

/**
 * Why something is not reached: only by VHE machines, or (dead) by none while KVM runs. `gate`: what keeps control out;
 * null if it cannot be named, or if nothing leads there at all.
 */
export interface Reason {
  readonly kind: 'vhe-only' | 'dead';
  readonly gate: PlacedGate | null;
}

export class LeftOut {
  readonly kind = 'left-out';
  readonly #judgement: Judgement;
  readonly #explain: (judgement: Judgement) => Reason;

  constructor(judgement: Judgement, explain: (judgement: Judgement) => Reason) {
    this.#judgement = judgement;
    this.#explain = explain;
  }

  why(): Reason {
    return this.#explain(this.#judgement);
  }
}
