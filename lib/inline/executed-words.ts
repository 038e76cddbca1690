// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How many instructions of a part of a section a machine without VHE executes. Each is
// asked for once: debug information may say of ten thousand calls that they cover it all.

import type { ObjectFile, Section } from '../elf/object-file.js';
import type { IsExecuted } from './closure.js';

export class ExecutedWords {
  /** Of the words in front of each, how many are executed. */
  readonly #before: Uint32Array;

  constructor(object: ObjectFile, section: Section, isExecuted: IsExecuted) {
    const count = Math.ceil(Math.min(section.size, object.size) / 4);
    this.#before = new Uint32Array(count + 1);
    for (let index = 0; index < count; index++) {
      const offset = index * 4;
      const isOne = isExecuted({ object, section, offset }, offset + 4);
      this.#before[index + 1] = (this.#before[index] ?? 0) + (isOne ? 1 : 0);
    }
  }

  /** Of start .. end (exclusive, bytes), as far as the section goes: the words, and those that are executed. */
  count({ start, end }: { readonly start: number; readonly end: number }): {
    readonly words: number;
    readonly executed: number;
  } {
    const last = this.#before.length - 1;
    const index = (offset: number) => Math.max(0, Math.min(last, Math.ceil(offset / 4)));
    const [from, to] = [index(start), index(end)];
    if (to <= from) return { words: 0, executed: 0 };
    return { words: to - from, executed: (this.#before[to] ?? 0) - (this.#before[from] ?? 0) };
  }
}
