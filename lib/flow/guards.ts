// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether a function of the host can guard anything: whether it asks for a
// capability that is off without VHE, by a static key, an alternative, a load, or
// a small function that asks. Most cannot, and need not be walked: all that they
// call counts as called.

import { decodeBranch } from '../aarch64/instructions.js';
import { isBranchRelocation } from '../aarch64/relocation-types.js';
import type { Code } from '../code/code.js';
import type { PatchTables } from '../code/patch-tables.js';
import { relocationsOf } from '../code/relocations.js';
import type { Capabilities } from './capability.js';
import { MAX_DEPTH, MAX_HELPER } from './contexts.js';
import type { Address } from './values.js';

export class Guards {
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #capabilities: Capabilities;
  readonly #known = new Map<Address, boolean>();

  constructor(code: Code, tables: PatchTables, capabilities: Capabilities) {
    this.#code = code;
    this.#tables = tables;
    this.#capabilities = capabilities;
  }

  /** `start`: of a function. */
  mayGuard(start: Address, depth = 0): boolean {
    const known = this.#known.get(start);
    if (known !== undefined) return known;
    // Recursion asks nothing new.
    this.#known.set(start, false);
    const found = this.#asks(start, depth);
    this.#known.set(start, found);
    return found;
  }

  #asks(start: Address, depth: number): boolean {
    const { end } = this.#code.extentAt(start);
    const place = this.#code.placeOf(start);
    if (!place) return false;
    const capabilities = this.#capabilities;
    const callees = new Set<Address>();
    for (let at = start; at < end; at += 4) {
      if (this.#tables.keysAt(at).some(({ key }) => capabilities.stateOfKey(key) === false)) return true;
      const alternatives = this.#tables.alternativesAt(at);
      if (alternatives.some(({ capability }) => capabilities.stateOf(capability) === false)) return true;
      const branch = decodeBranch(this.#code.word(at));
      if (branch?.displacement) callees.add(at + branch.displacement);
    }
    const { object, section, offset } = place;
    for (const { type, symbol, addend } of relocationsOf(object, section).within(
      offset,
      offset + end - start,
    )) {
      const target = this.#code.space.targetOf(object, symbol, addend);
      if (isBranchRelocation(type)) callees.add(target);
      else if (capabilities.tellsOfVhe(target)) return true;
    }
    return [...callees].some((callee) => this.#isAskingHelper(callee, start, depth));
  }

  /** The walk follows such functions for their results. */
  #isAskingHelper(callee: Address, caller: Address, depth: number): boolean {
    const { start, end } = this.#code.extentAt(callee);
    const isFollowed = start === callee && start !== caller && end - start <= MAX_HELPER;
    return isFollowed && depth < MAX_DEPTH && this.#code.isCode(callee) && this.mayGuard(callee, depth + 1);
  }
}
