// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who points where, and how: one value for everything that one instruction (or
// an ADRP and what completes it, or one slot of data) does to one target.

import type { Use } from '../code/value-flow.js';
import type { Place, PlacedTarget } from '../link/place.js';

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
  /** The slot of 64 bits; the first of those that the load may read. */
  readonly slot: Place;
  /** How many these are. */
  readonly count: number;
}

export type Access = 'call' | 'jump' | 'load' | 'store' | 'address' | 'absolute';

export interface Reference {
  /** The instruction that performs the access (the load of a literal), or the slot of data. */
  readonly at: Place;
  /** What it is blamed on: the instruction that a replacement replaces; else `at`. */
  readonly owner: Place;
  readonly access: Access;
  readonly target: PlacedTarget;
  /** Uses of an address or of an absolute value; empty for other accesses. Walks the code when first asked. */
  readonly uses: () => readonly Use[];
  /** The address of the target is fetched from the global offset table. */
  readonly throughGot: boolean;
  /** PRFM of the target: a hint, which cannot fault. */
  readonly isPrefetch: boolean;
  /** Where the absolute value is loaded from, if not from a literal of the instruction's own. */
  readonly source: AddressSource | null;
  /** A slot of data: nobody is seen to execute it. */
  readonly isData: boolean;
  /** All relocations that are part of it; none for a further load of a literal, whose slot is counted once, or for what is loaded from data. */
  readonly relocations: readonly RelocationSite[];
}

/** Something in hyp code that could not be understood. */
export interface Unjudged {
  readonly at: Place;
  /** One sentence, no full stop. */
  readonly sentence: string;
  readonly relocations: readonly RelocationSite[];
}
