// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who points where, and how: one value for everything that one instruction (or an
// ADRP and what completes it, or one slot of data) does to one target.

import type { Use } from '../code/value-flow.js';
import type { Place, PlacedTarget } from '../link/place.js';
import type { PlacedVeneer } from '../linked/linked-object.js';

/** A relocation entry, for accounts that have to add up. */
export interface RelocationSite {
  /** The patched section's name. */
  readonly section: string;
  /** r_offset. */
  readonly offset: number;
  /** ELF64_R_TYPE. */
  readonly type: number;
}

/** Where a kernel address lies that code loads and uses. */
export interface AddressSource {
  /** The 64-bit slot; the first of those that the load may read. */
  readonly slot: Place;
  /** How many slots the load may read. */
  readonly count: number;
}

export type Access = 'call' | 'jump' | 'load' | 'store' | 'address' | 'absolute';

export interface Reference {
  /** The instruction that makes the access (for a literal, the load), or the slot of data. */
  readonly at: Place;
  /** What it is blamed on: for replacement code, the instruction that it replaces; else `at`. */
  readonly owner: Place;
  readonly access: Access;
  readonly target: PlacedTarget;
  /** Uses of an address or of an absolute value; empty for other accesses. Walks the code when first asked. */
  readonly uses: () => readonly Use[];
  /** The address of the target is loaded from the global offset table. */
  readonly throughGot: boolean;
  /** PRFM of the target: a hint, which cannot fault. */
  readonly isPrefetch: boolean;
  /** The slots that the absolute value is loaded from; null if it is a literal of the instruction. */
  readonly source: AddressSource | null;
  /** A slot of data: it is not executed. */
  readonly isData: boolean;
  /** The linker's code between a branch and its target, in a linked image; null where there is none. */
  readonly veneer: PlacedVeneer | null;
  /** All relocations that belong to it; none for a second load of a literal, and for what is loaded from data. */
  readonly relocations: readonly RelocationSite[];
}

/** Something in hyp code that could not be understood. */
export interface Unjudged {
  readonly at: Place;
  /** One sentence, no full stop. */
  readonly sentence: string;
  readonly relocations: readonly RelocationSite[];
}
