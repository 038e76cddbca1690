// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An instruction with its relocation, decoded only as far as the walk asks: most
// instructions touch nothing of which anything is known, and a look at what they
// write is enough.

import { decodeFrameAccess, type FrameAccess } from '../aarch64/frame-access.js';
import {
  type Branch,
  decodeBranch,
  decodeOperation,
  keepsFlags,
  mayUseStack,
  registersRead,
  registersWritten,
} from '../aarch64/instructions.js';
import type { Operation } from '../aarch64/operations.js';
import type { RelocationKind } from '../aarch64/relocation-types.js';
import type { Address } from './address-space.js';

/** A relocation: how it patches a word, and S + A. */
export interface Patched {
  readonly kind: RelocationKind;
  readonly target: Address;
}

export class Instruction {
  readonly word: number;
  /** Where the word stands. */
  readonly at: Address;
  readonly patched: Patched | null;
  readonly branch: Branch | null;
  #operation: Operation | null | undefined;
  #reads: number | undefined;
  #writes: number | undefined;
  #usesStack: boolean | undefined;
  #frameAccess: FrameAccess | null | undefined;

  constructor(word: number, at: Address, patched: Patched | null) {
    this.word = word;
    this.at = at;
    this.patched = patched;
    this.branch = decodeBranch(word);
  }

  /** What it computes; null for branches, and if it is not understood. */
  get operation(): Operation | null {
    if (this.#operation === undefined) this.#operation = this.branch ? null : decodeOperation(this.word);
    return this.#operation;
  }

  /** General registers that it may read, as a mask. */
  get reads(): number {
    this.#reads ??= registersRead(this.word);
    return this.#reads;
  }

  /** General registers that it may write, as a mask. */
  get writes(): number {
    this.#writes ??= registersWritten(this.word);
    return this.#writes;
  }

  /** It may read or write SP, or memory at it. */
  get usesStack(): boolean {
    this.#usesStack ??= mayUseStack(this.word);
    return this.#usesStack;
  }

  /** The load or store by base and displacement that it is, or null. */
  get frameAccess(): FrameAccess | null {
    if (this.#frameAccess === undefined) this.#frameAccess = decodeFrameAccess(this.word);
    return this.#frameAccess;
  }

  get keepsFlags(): boolean {
    return keepsFlags(this.word);
  }
}

/** Translates a target as encoded in replacement code, which is executed elsewhere. */
export type Moved = (target: Address) => Address;

/** Where a direct branch leads. `moved`: of replacement code; null: the target is as encoded. */
export const branchTarget = ({ at, branch, patched }: Instruction, moved: Moved | null): Address => {
  if (patched?.kind === 'call' || patched?.kind === 'jump') return patched.target;
  const to = at + (branch?.displacement ?? 0);
  return moved ? moved(to) : to;
};
