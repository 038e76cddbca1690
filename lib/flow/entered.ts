// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How functions are entered, as far as an outline shows.

import type { Code } from '../code/code.js';
import type { Address } from './values.js';

/** A function as others see it; other functions by their starts. */
export interface Entered {
  /** Where control comes into it. */
  readonly at: Set<Address>;
  /** Who branches into it. */
  readonly callers: Set<Address>;
  /** Who forms its address, or may compute it. */
  readonly namers: Set<Address>;
  /** Somebody who is not seen enters it. */
  isRoot: boolean;
  /** Others may enter it at any instruction. */
  isFlooded: boolean;
}

/** Of what is not shown. */
const nowhere: Entered = {
  at: new Set(),
  callers: new Set(),
  namers: new Set(),
  isRoot: true,
  isFlooded: true,
};

/** By the starts of the functions. */
export class EnteredFunctions {
  readonly #code: Code;
  readonly #all = new Map<Address, Entered>();

  constructor(code: Code) {
    this.#code = code;
  }

  /** `start`: of a function. */
  of(start: Address): Entered {
    return this.#all.get(start) ?? nowhere;
  }

  /** Of the function around an address, to be added to. */
  around(address: Address): Entered {
    const { start } = this.#code.extentAt(address);
    const known = this.#all.get(start) ?? {
      at: new Set(),
      callers: new Set(),
      namers: new Set(),
      isRoot: false,
      isFlooded: false,
    };
    this.#all.set(start, known);
    return known;
  }
}
