// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Work list of one procedure: the addresses that have to be interpreted (again),
// lowest first. Compilers place a join behind the branches that lead to it, so
// this order seldom visits a join before all of its predecessors.

import type { Address } from './values.js';

/** A binary heap of distinct addresses. */
export class Agenda {
  readonly #heap: Address[] = [];
  readonly #members = new Set<Address>();

  add(address: Address): void {
    if (this.#members.has(address)) return;
    this.#members.add(address);
    const heap = this.#heap;
    let at = heap.length;
    heap.push(address);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent] ?? 0;
      if (above <= address) break;
      heap[at] = above;
      heap[parent] = address;
      at = parent;
    }
  }

  /** Removes and returns the lowest address; undefined if there is none. */
  take(): Address | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    this.#members.delete(first);
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      if (right !== undefined && right < left) child++;
      const lower = heap[child] ?? left;
      if (last <= lower) break;
      heap[at] = lower;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
