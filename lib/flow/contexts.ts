// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The procedures of a walk. Hyp code has one for each entry. A small host
// function that is followed for its result (has_vhe() out of line) has one for
// each set of constant arguments.

import type { Code } from '../code/code.js';
import { type Bounds, isWithin } from './bounds.js';
import { argumentsKey } from './call.js';
import { neverReturns } from './noreturn.js';
import { Procedure } from './procedure.js';
import type { RegisterSummaries } from './register-summary.js';
import { type State, sitesIn } from './state.js';
import { anySummary } from './summary.js';
import type { Address } from './values.js';

/** Size in bytes up to which a host function is followed for its result. */
export const MAX_HELPER = 256;
/** Nested calls into followed host functions: has_vhe() out of line needs four. */
export const MAX_DEPTH = 5;
/** Sets of constant arguments for which one host function is followed. */
const MAX_CONTEXTS = 8;

/**
 * Calls into hyp code that a walk follows; others just return. If some functions are walked by themselves: calls of these,
 * and those that take an address of hyp code with them, a few calls deep.
 */
export type Follows = 'all' | 'none' | Pick<Bounds, 'functions'>;

export class Contexts {
  readonly #code: Code;
  readonly #summaries: RegisterSummaries;
  readonly #follows: Follows;
  readonly #procedures = new Map<string, Procedure>();
  readonly #counts = new Map<Address, number>();

  constructor(code: Code, summaries: RegisterSummaries, follows: Follows) {
    this.#code = code;
    this.#summaries = summaries;
    this.#follows = follows;
  }

  get all(): Iterable<Procedure> {
    return this.#procedures.values();
  }

  named(key: string): Procedure | undefined {
    return this.#procedures.get(key);
  }

  /** The procedure of an entry point. */
  at(entry: Address): Procedure {
    const isBounded = typeof this.#follows !== 'string';
    return this.#make(`${entry}`, entry, 0, isBounded ? anySummary : undefined);
  }

  /** The procedure that a call goes to, if it is followed and was met before; else null. */
  known(to: Address, state: State): Procedure | null {
    const key = this.#keyOf(to, state);
    return key === null ? null : (this.#procedures.get(key) ?? null);
  }

  /** The procedure that a call from `caller` goes to; null if it is not followed. */
  calledFrom(caller: Procedure, to: Address, state: State): Procedure | null {
    const key = this.#keyOf(to, state);
    if (key === null) return null;
    const known = this.#procedures.get(key);
    if (known) return known;
    const isHyp = this.#code.isHyp(to);
    if (isHyp && this.#follows === 'all') return this.#make(key, to, 0);
    if (caller.depth >= MAX_DEPTH) return null;
    if (isHyp) return this.#make(key, to, caller.depth + 1);
    const count = (this.#counts.get(to) ?? 0) + 1;
    this.#counts.set(to, count);
    return count > MAX_CONTEXTS ? null : this.#make(key, to, caller.depth + 1);
  }

  /** null: the call is not followed; large host functions are not. */
  #keyOf(to: Address, state: State): string | null {
    if (!this.#code.isCode(to)) return null;
    const isHyp = this.#code.isHyp(to);
    const follows = this.#follows;
    if (isHyp && typeof follows === 'string') return follows === 'all' ? `${to}` : null;
    const { start, end } = this.#code.extentAt(to);
    if (typeof follows !== 'string' && isHyp)
      return isWithin(follows, this.#code, to) || this.#takesAddress(to, state) ? `${to}` : null;
    if (end - start > MAX_HELPER || !this.#code.isEntry(to)) return null;
    if (neverReturns(this.#code.nameOf(to) ?? '', false)) return null;
    return `${to}(${argumentsKey(state)})`;
  }

  /** It may use an address of hyp code that it is given. */
  #takesAddress(to: Address, state: State): boolean {
    const { reads, changes } = this.#summaries.of(to);
    return sitesIn(state, reads | changes).some(({ target }) => this.#code.isHyp(target));
  }

  #make(key: string, entry: Address, depth: number, summary = this.#summaries.of(entry)): Procedure {
    const known = this.#procedures.get(key);
    if (known) return known;
    const isFinal = neverReturns(this.#code.nameOf(entry) ?? '', this.#code.isHyp(entry));
    const procedure = new Procedure(key, entry, depth, isFinal, summary);
    this.#procedures.set(key, procedure);
    return procedure;
  }
}
