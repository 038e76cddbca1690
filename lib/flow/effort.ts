// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How much is done to follow code: in one walk, and to summarize functions. A file
// of a megabyte can ask for more than anybody waits for: loops in loops, a thousand
// replacements of one instruction. Who has spent this cannot tell the rest, which
// counts as executed.

import { FormatError } from '../elf/format-error.js';
import type { Image } from '../link/image.js';

/**
 * Instructions that are looked at, each as often as that takes. The hyp code of 4.16 to 5.6 takes up to 30,000; a large
 * file may take one for each two words.
 */
const mostSteps = ({ size }: Image): number => Math.max(100_000, size / 8);

export class Effort {
  readonly #image: Image;
  readonly #most: number;
  #spent = 0;

  constructor(image: Image) {
    this.#image = image;
    this.#most = mostSteps(image);
  }

  /** Throws FormatError if no more is to be done. */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent <= this.#most) return;
    const sentence = 'its control flow is too involved to be followed, so everything counts as executed';
    throw new FormatError(this.#image.objects[0]?.path ?? '', null, 0, sentence);
  }
}
