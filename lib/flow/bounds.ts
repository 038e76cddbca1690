// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Some functions that are walked by themselves, and where control leads from them.

import type { Address } from './values.js';

export interface Bounds {
  /** The starts of the functions. */
  readonly functions: ReadonlySet<Address>;
  /** Code that they call or branch to. */
  readonly called: Set<Address>;
  /** Addresses that go where they are not followed, so that anybody may branch there. */
  readonly named: Set<Address>;
  /** Addresses in functions that may then be entered at any instruction. */
  readonly flooded: Set<Address>;
  /** A function of hyp code that is not followed is given an address of hyp code, and may compute others from it. */
  loses: boolean;
}

export const boundsOf = (functions: Iterable<Address>): Bounds => ({
  functions: new Set(functions),
  called: new Set(),
  named: new Set(),
  flooded: new Set(),
  loses: false,
});
