// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How much is done to follow the code of a link, in all walks and summaries
// together. A file of a megabyte can ask for more than anybody waits for: loops in
// loops, a thousand replacements of one instruction. Who has spent this cannot tell
// the rest, which counts as executed.

import { FormatError } from '../elf/format-error.js';
import type { Image } from '../link/image.js';

/**
 * Instructions that are looked at, each as often as that takes. The hyp objects of 4.16 to 5.8 take 11,000 to 35,000; a
 * large file may take one for each two words.
 */
const mostSteps = ({ size }: Image): number => Math.max(120_000, size / 8);

/** What a step of a walk costs is 1; the others are as they were measured beside it. */
export const stepCosts = { lookBack: 1 / 16, broughtState: 1 / 4, outlined: 1 / 8 } as const;

/** What may be spent to do without a walk, of what may be spent on one: kernels take a tenth of this. */
const OUTLINING = 1 / 4;

export class Effort {
  readonly #image: Image;
  readonly #most: number;
  #spent = 0;

  /** `share`: of what may be spent on a walk. */
  constructor(image: Image, share = 1) {
    this.#image = image;
    this.#most = mostSteps(image) * share;
  }

  /** `steps`: of a walk. Throws FormatError if no more is to be done. */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent <= this.#most) return;
    const sentence = 'its control flow is too involved to be followed, so everything counts as executed';
    throw new FormatError(this.#image.objects[0]?.path ?? '', null, 0, sentence);
  }
}

/** What may be spent on a link: to do without a walk, to tell what is executed without VHE, and to explain what is not. */
export interface Efforts {
  readonly outlining: Effort;
  readonly judging: Effort;
  readonly explaining: Effort;
}

export const newEfforts = (image: Image): Efforts => ({
  outlining: new Effort(image, OUTLINING),
  judging: new Effort(image),
  explaining: new Effort(image),
});
