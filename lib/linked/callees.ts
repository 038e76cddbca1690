// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a call of hyp code leaves behind: whether control comes back, and with
// which registers changed. A compiler keeps addresses where a callee that it has
// seen leaves them alone (gcc's -fipa-ra), and behind the call of a function that
// never returns stands some other code, with other values in its registers.
//
// Odd: that a function returns is seen only where its RET stands in it.
// `__guest_enter` ends in ERET and comes back by way of the vectors, so what is
// said of the end is a witness, no proof.

import { decodeBranch, registersWritten } from '../aarch64/instructions.js';
import { CALLER_SAVED, LINK } from '../aarch64/registers.js';
import type { CodeMap } from '../code/code-map.js';
import type { Extent } from '../code/code-range.js';

/** Calls in calls that are followed. */
const DEEPEST = 64;

interface Summary {
  readonly returns: boolean;
  /** Bit n: xn may be another value afterwards. */
  readonly changes: number;
}

/** By the calling convention. [AAPCS64 "General-purpose Registers"] */
const conventional: Summary = { returns: true, changes: CALLER_SAVED | LINK };

export class Callees {
  readonly #code: CodeMap;
  readonly #extentAt: (offset: number) => Extent;
  readonly #known = new Map<number, Summary>();

  constructor(code: CodeMap, extentAt: (offset: number) => Extent) {
    this.#code = code;
    this.#extentAt = extentAt;
  }

  /** A call at an offset is not seen to come back: its target lies elsewhere, or never returns. */
  mayBeTheEnd(offset: number): boolean {
    const target = this.#targetOf(offset);
    return target !== null && (target < 0 || !this.#returns(target, 0));
  }

  /** Bit n: xn may be another value behind the call at an offset. */
  changes(offset: number): number {
    return this.#changes(offset, 0);
  }

  #changes(offset: number, depth: number): number {
    const target = this.#targetOf(offset) ?? -1;
    const own = target < 0 ? conventional : this.#summaryOf(target, depth);
    return (own.changes & conventional.changes) | LINK;
  }

  /** Where a direct call goes: -1 outside the code. null: it is none. */
  #targetOf(offset: number): number | null {
    const branch = decodeBranch(this.#code.word(offset));
    if (branch?.kind !== 'call' || branch.displacement === null) return null;
    return this.#code.isCode(offset + branch.displacement) ? offset + branch.displacement : -1;
  }

  #summaryOf(entry: number, depth: number): Summary {
    const known = this.#known.get(entry);
    if (known) return known;
    if (depth > DEEPEST) return conventional;
    // Of functions that call each other, while nothing is known.
    this.#known.set(entry, { returns: false, changes: conventional.changes });
    // What lies behind a call that seems to be the end may be executed all the same.
    const { returns } = this.#walk(entry, depth + 1, false);
    const { changes } = this.#walk(entry, depth + 1, true);
    this.#known.set(entry, { returns, changes });
    return { returns, changes };
  }

  /** `isBehindAll`: goes on behind calls and traps that seem to be the end. */
  #walk(entry: number, depth: number, isBehindAll: boolean): Summary {
    const code = this.#code;
    let changes = 0;
    let returns = false;
    const seen = new Set<number>([entry]);
    const pending = [entry];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const branch = decodeBranch(code.word(at));
      const target = this.#targetOf(at);
      const isCall = branch?.kind === 'call' || branch?.kind === 'indirect-call';
      changes |= isCall ? this.#changes(at, depth) : registersWritten(code.word(at));
      const isOver = !isBehindAll && target !== null && !this.#returns(target, depth);
      if (branch?.kind === 'return') returns = true;
      let leaves = branch?.kind === 'indirect-jump';
      const { end } = this.#extentAt(at);
      const isTrap = branch?.kind === 'breakpoint' && isBehindAll;
      for (const next of isTrap ? [at + 4] : code.successors(at)) {
        const isBehind = next === at + 4;
        if (seen.has(next) || (isBehind && (isOver || next >= end))) continue;
        seen.add(next);
        if (code.isCode(next)) pending.push(next);
        else leaves ||= !isBehind;
      }
      if (!leaves) continue;
      returns = true;
      changes |= conventional.changes;
    }
    return { returns, changes };
  }

  #returns(target: number, depth: number): boolean {
    return target < 0 || this.#summaryOf(target, depth).returns;
  }
}
