// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The descriptors of inputs: only a few are open at a time, however many objects a
// thin archive names. One that was closed is reopened when its file is read again,
// if it is still the same file.

import { closeSync } from 'node:fs';
import { type Identity, isUnchanged, type OpenFile, openRegular, Refusal } from './guard.js';

const MOST_OPEN = 32;

export class Descriptors {
  /** By path, the most recently used last. */
  readonly #open = new Map<string, number>();

  keep(path: string, { descriptor }: OpenFile): void {
    const same = this.#open.get(path);
    if (same !== undefined) closeSync(same);
    this.#open.set(path, descriptor);
    for (const [oldest, oldDescriptor] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      closeSync(oldDescriptor);
      this.#open.delete(oldest);
    }
  }

  /** Throws a Refusal if the path now leads to another file, or the file was changed. */
  of(path: string, identity: Identity): number {
    const open = this.#open.get(path);
    if (open !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, open);
      return open;
    }
    const file = openRegular(path);
    this.keep(path, file);
    if (!isUnchanged(identity, file.status)) throw new Refusal('it was replaced while it was read');
    return file.descriptor;
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }
}
