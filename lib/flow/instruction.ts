// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An instruction, read once: a walk comes to the same one several times, with
// more or less known each time.

import { type Branch, decodeBranch, decodeMemory, registersWritten } from '../aarch64/instructions.js';
import { decodeOperation, keepsFlags, type Operation } from '../aarch64/operations.js';
import { readsOf } from '../aarch64/registers-read.js';
import type { RelocationKind } from '../aarch64/relocation-types.js';
import type { Address } from './values.js';

/** A relocation: how it patches a word, and S + A. */
export interface Patched {
  readonly kind: RelocationKind;
  readonly target: Address;
}

export interface Instruction {
  readonly word: number;
  /** Where the word stands. */
  readonly at: Address;
  readonly patched: Patched | null;
  readonly branch: Branch | null;
  readonly operation: Operation | null;
  /** General registers, as bit masks: all that it may read, and may write. */
  readonly reads: number;
  readonly writes: number;
  readonly keepsFlags: boolean;
}

export const decode = (word: number, at: Address, patched: Patched | null): Instruction => {
  const reads = readsOf(word);
  const isUnknownMemory = (word & 0x0a000000) === 0x08000000 && decodeMemory(word) === null;
  const branch = decodeBranch(word);
  return {
    word,
    at,
    patched,
    branch,
    operation: branch ? null : decodeOperation(word),
    reads,
    // A load or store of an unknown form may write whatever it names.
    writes: registersWritten(word) | (isUnknownMemory ? reads : 0),
    keepsFlags: keepsFlags(word),
  };
};
