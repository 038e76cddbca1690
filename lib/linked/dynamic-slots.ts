// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a relocatable kernel (CONFIG_RELOCATABLE) moves at boot: slots that hold
// addresses. Their values stand in the relocations; in the slots themselves only
// where the linker applied them (`--no-apply-dynamic-relocs` leaves 0).
// [gABI "Relocation"; SHT_RELR: a word is an address, or a bitmap of the 63 words
// behind the last one where bit 0 is set]

import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Distance, Layout } from './layout.js';

/** [AAELF64 "Dynamic relocations"] R_AARCH64_RELATIVE. */
const RELATIVE = 1027;
/** Words of a bitmap. */
const BITS = 63;

export class DynamicSlots {
  readonly #object: ObjectFile;
  readonly #layout: Layout;
  readonly #isWanted: (slot: Distance) => boolean;
  #slots: ReadonlyMap<Distance, Distance | null> | undefined;

  /** `object`: with the image's own sections. `isWanted`: whether a slot matters to anybody; a kernel has a hundred thousand. */
  constructor(object: ObjectFile, layout: Layout, isWanted: (slot: Distance) => boolean) {
    this.#isWanted = isWanted;
    this.#object = object;
    this.#layout = layout;
  }

  /** Whether the image says where its slots are. */
  get areListed(): boolean {
    return this.#tables.length > 0;
  }

  get #tables(): readonly Section[] {
    return this.#object.sections.filter(
      ({ type, flags, size, entrySize }) =>
        (flags & SHF.ALLOC) !== 0 &&
        size > 0 &&
        ((type === SHT.RELA && entrySize === 24) || type === SHT.RELR),
    );
  }

  /** What a slot will hold, or null: what stands in it. */
  valueAt(slot: Distance): Distance | null {
    return this.#all.get(slot) ?? null;
  }

  /** Slots from start to end (exclusive). */
  within(start: Distance, end: Distance): readonly Distance[] {
    return [...this.#all.keys()].filter((slot) => slot >= start && slot < end);
  }

  get #all(): ReadonlyMap<Distance, Distance | null> {
    this.#slots ??= this.#read();
    return this.#slots;
  }

  #read(): ReadonlyMap<Distance, Distance | null> {
    const slots = new Map<Distance, Distance | null>();
    const place = (low: number, high: number) => this.#layout.distanceOfWords(low, high);
    for (const table of this.#tables) {
      if (table.type === SHT.RELR) {
        this.#readBitmaps(table, slots);
        continue;
      }
      for (const entries of this.#object.relocationChunks(table)) {
        for (let index = 0; index < entries.count; index++) {
          if (entries.type(index) !== RELATIVE) continue;
          const [offset, addend] = [entries.offsetWords(index), entries.addendWords(index)];
          const slot = place(offset.low, offset.high);
          if (this.#isWanted(slot)) slots.set(slot, place(addend.low, addend.high));
        }
      }
    }
    return slots;
  }

  #readBitmaps(table: Section, slots: Map<Distance, Distance | null>): void {
    const words = wordsOf(this.#object.contents(table));
    let next = 0;
    for (let index = 0; index + 1 < words.length; index += 2) {
      const [low, high] = [words[index] ?? 0, words[index + 1] ?? 0];
      if ((low & 1) === 0) {
        const at = this.#layout.distanceOfWords(low, high);
        slots.set(at, null);
        next = at + 8;
        continue;
      }
      for (let bit = 1; bit <= BITS; bit++) {
        const bitmap = bit < 32 ? low : high;
        if (((bitmap >>> (bit % 32)) & 1) === 1) slots.set(next + (bit - 1) * 8, null);
      }
      next += BITS * 8;
    }
  }
}
