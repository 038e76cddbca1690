// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where code gets hold of slots of data that hold addresses: the instructions that
// form an address of such slots, and those that load from one. What is loaded is
// followed from there (loaded-addresses.ts).

import { decodeOperation, resultRegister } from '../aarch64/instructions.js';
import { ZERO } from '../aarch64/operations.js';
import type { CodeMap } from '../code/code-map.js';
import type { Image } from '../link/image.js';
import type { PlacedTarget } from '../link/place.js';
import {
  holdsAddresses,
  type LoadedAddress,
  loadedAddresses,
  type Pointer,
  pointersToOwnData,
} from './loaded-addresses.js';

export class FollowedSlots {
  readonly #image: Image;
  readonly #code: CodeMap;
  readonly #isPageOffset: (offset: number) => boolean;
  readonly #pointers: Pointer[] = [];
  readonly #loads: Pointer[] = [];
  #hasOwn = false;

  /** `isPageOffset`: see Patches. */
  constructor(image: Image, code: CodeMap, isPageOffset: (offset: number) => boolean) {
    this.#image = image;
    this.#code = code;
    this.#isPageOffset = isPageOffset;
  }

  /** The instruction's result is an address of the target. */
  pointedTo(target: PlacedTarget, at: number): void {
    if (target.kind !== 'place' || !holdsAddresses(target.place)) return;
    const register = resultRegister(this.#code.word(at));
    if (register !== ZERO) this.#pointers.push({ at, register, place: target.place });
  }

  /** The instruction loads from the target; of interest are 64 bits. */
  loadedFrom(target: PlacedTarget, at: number): void {
    if (target.kind !== 'place' || !holdsAddresses(target.place)) return;
    const operation = decodeOperation(this.#code.word(at));
    if (operation?.kind !== 'load' || operation.size !== 8 || operation.to === ZERO) return;
    this.#loads.push({ at, register: operation.to, place: target.place });
  }

  /** There are absolute values among the code that are not literals. */
  foundAmongCode(): void {
    this.#hasOwn = true;
  }

  /** The loads of addresses that are used as such. Once, when every relocation was seen. */
  loaded(): readonly LoadedAddress[] {
    if (this.#hasOwn) this.#pointers.push(...pointersToOwnData(this.#code));
    if (this.#pointers.length === 0 && this.#loads.length === 0) return [];
    return loadedAddresses(this.#image, this.#code, this.#pointers, this.#loads, this.#isPageOffset);
  }
}
