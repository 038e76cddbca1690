// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What code does with the addresses that its instructions leave in registers.

import { addressRegister, decodeAddImmediate, resultRegister } from '../aarch64/instructions.js';
import { ZERO } from '../aarch64/operations.js';
import type { CodeMap } from '../code/code-map.js';
import { type Use, usesOf } from '../code/value-flow.js';
import type { Image } from '../link/image.js';
import { withPassedUses } from './passed-uses.js';

export class AddressUses {
  readonly #image: Image;
  readonly #code: CodeMap;
  readonly #isPageOffset: (offset: number) => boolean;

  /** `isPageOffset`: see Patches. */
  constructor(image: Image, code: CodeMap, isPageOffset: (offset: number) => boolean) {
    this.#image = image;
    this.#code = code;
    this.#isPageOffset = isPageOffset;
  }

  /** ADR, or ADD of the low 12 bits: of the register that it writes. */
  ofAddress(offset: number): readonly Use[] {
    const word = this.#code.word(offset);
    const register = addressRegister(word) ?? decodeAddImmediate(word)?.to ?? ZERO;
    return register === ZERO ? [] : usesOf(this.#code, offset, register, this.#isPageOffset);
  }

  /** Of an absolute value that the instruction leaves in a register. */
  ofKernelAddress(offset: number): readonly Use[] {
    return withPassedUses(this.#image, this.#code, this.ofResult(offset), this.#isPageOffset);
  }

  ofResult(offset: number): readonly Use[] {
    return usesOf(this.#code, offset, resultRegister(this.#code.word(offset)), this.#isPageOffset);
  }
}
