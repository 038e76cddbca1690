// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Some functions that are walked by themselves, and where control leads from them.

import type { Code } from '../code/code.js';
import type { Address } from './values.js';

export interface Bounds {
  /** The functions, from their starts to their ends: code behind a sized function has the same start, and is not of it. */
  readonly functions: ReadonlyMap<Address, Address>;
  /** Code that they call or branch to. */
  readonly called: Set<Address>;
  /** Addresses that go where they are not followed, so that anybody may branch there. */
  readonly named: Set<Address>;
  /** Addresses in functions that may then be entered at any instruction. */
  readonly flooded: Set<Address>;
  /** A function of hyp code that is not followed is given an address of hyp code, and may compute others from it. */
  loses: boolean;
}

/** `starts`: of functions. */
export const boundsOf = (code: Code, starts: Iterable<Address>): Bounds => ({
  functions: new Map([...starts].map((start) => [start, code.extentAt(start).end])),
  called: new Set(),
  named: new Set(),
  flooded: new Set(),
  loses: false,
});

/** Whether an address is in one of the functions. */
export const isWithin = ({ functions }: Pick<Bounds, 'functions'>, code: Code, address: Address): boolean =>
  address < (functions.get(code.extentAt(address).start) ?? address);

/** Whether nothing leads from some functions but where it led before. */
export const leadsNowhereElse = (now: Bounds, before: Bounds): boolean =>
  (['called', 'named', 'flooded'] as const).every((way) => [...now[way]].every((to) => before[way].has(to)));
