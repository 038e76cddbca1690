// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What waits for its turn, each once, first come first served. A Set alone would do
// but for time: looking for its first member passes over all that were deleted.

export class Queue<Item> {
  #items: Item[] = [];
  /** Where the first one stands. */
  #first = 0;
  readonly #members = new Set<Item>();

  /** Puts it at the end, unless it is waiting already. */
  add(item: Item): void {
    if (this.#members.has(item)) return;
    this.#members.add(item);
    this.#items.push(item);
  }

  /** Whose turn it is; it goes on waiting. */
  get first(): Item | undefined {
    return this.#items[this.#first];
  }

  /** The first one waits no longer. */
  drop(): void {
    const first = this.#items[this.#first];
    if (first === undefined) return;
    this.#members.delete(first);
    this.#first++;
    if (this.#first * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}
