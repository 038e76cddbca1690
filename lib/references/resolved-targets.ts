// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What S + A of an object's relocations are. Many that follow each other have one
// target: they share what is known of it.

import type { ObjectFile } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import type { Image } from '../link/image.js';
import type { PlacedTarget } from '../link/place.js';

interface Found {
  readonly symbol: number;
  readonly addend: number;
  readonly target: PlacedTarget;
}

/** Targets that are remembered; a power of two. */
const NEAR = 256;

export class ResolvedTargets {
  readonly #image: Image;
  readonly #object: ObjectFile;
  /** Recent ones, by the low bits of the symbol's number. */
  readonly #near: (Found | undefined)[] = new Array(NEAR);

  constructor(image: Image, object: ObjectFile) {
    this.#image = image;
    this.#object = object;
  }

  of({ symbol, addend }: Relocation): PlacedTarget {
    const near = this.#near[symbol & (NEAR - 1)];
    if (near && near.symbol === symbol && near.addend === addend) return near.target;
    const target = this.#image.resolve(this.#object, symbol, addend);
    this.#near[symbol & (NEAR - 1)] = { symbol, addend, target };
    return target;
  }
}
