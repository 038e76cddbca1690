// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where the addresses are that a function of hyp code forms, and what was seen to be
// done with them (plain-uses.ts).

import type { Register } from '../aarch64/operations.js';
import { CALL_PRESERVED, LINK_NUMBER, RESULTS } from '../aarch64/registers.js';
import type { Extent } from '../code/code-range.js';
import type { Address } from './values.js';

/** What is done with it besides: one of these, or something of which no more follows. */
type Use = 'moved' | 'vectors' | 'nothing';

/** What an instruction does with it: another register gets it, too; it is used; only a walk can tell. */
export type Done = { readonly to: Register } | Use | 'unclear';

/** A register has the address before an instruction. */
export interface Held {
  readonly at: Address;
  readonly held: Register;
  /** The function. */
  readonly around: Extent;
  /** The register in which it got the address; null: the function that forms it. */
  readonly given: Register | null;
}

/**
 * Where the addresses go that one function forms: each place, with a register, is looked at once for all of them, so what is
 * done with one may be said of the others.
 */
export class Trace {
  /** Of which one is asked. */
  target: Address = 0;
  isClear = true;
  isMoved = false;
  isVectors = false;
  isUsed = false;
  /** An instruction was met that is replaced, but not on these machines. */
  isSpared = false;
  /** Registers through which control goes there. */
  readonly called = new Set<Register>();
  /** By the start of the function, bytes from there, the register, and how it got there. */
  readonly #seen = new Map<Address, Set<number>>();
  #count = 0;
  readonly #pending: Held[] = [];
  readonly #most: number;

  /** `most`: of these that are looked at. */
  constructor(most: number) {
    this.#most = most;
  }

  get isTooLong(): boolean {
    return this.#count > this.#most;
  }

  add(where: Held): void {
    const { at, held, around, given } = where;
    const seen = this.#seen.get(around.start) ?? new Set();
    this.#seen.set(around.start, seen);
    const key = ((at - around.start) * 32 + held) * 32 + (given ?? LINK_NUMBER);
    if (seen.has(key)) return;
    seen.add(key);
    this.#count++;
    this.#pending.push(where);
  }

  take(): Held | undefined {
    return this.#pending.pop();
  }

  /** Returns whether it is clear what is done at an instruction that does not branch. */
  note(where: Held, done: Done): boolean {
    if (done === 'unclear') return false;
    if (typeof done === 'string') this.use(done);
    else this.add({ ...where, at: where.at + 4, held: done.to });
    return true;
  }

  /** The function ends, or goes on in another: who called it may add to a result, and use what is in a preserved register. */
  leave({ held, given }: Held): void {
    if (given !== null) return;
    if ((RESULTS & (1 << held)) !== 0) this.use('moved');
    else if ((CALL_PRESERVED & (1 << held)) !== 0) this.use('nothing');
  }

  use(done: Use): void {
    this.isUsed = true;
    if (done === 'moved') this.isMoved = true;
    if (done === 'vectors') this.isVectors = true;
  }
}
