// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a relocatable kernel (CONFIG_RELOCATABLE) moves at boot: slots that hold
// addresses. Their values stand in the relocations; in the slots themselves only
// where the linker applied them (`--no-apply-dynamic-relocs` leaves 0).
// [gABI "Relocation"; SHT_RELR: a word is an address, or a bitmap of the 63 words
// behind the last one where bit 0 is set]

import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { RELA_SIZE, RELA_WORDS } from '../elf/relocations.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Distance, Layout } from './layout.js';

/** [AAELF64 "Dynamic relocations"] R_AARCH64_RELATIVE. */
const RELATIVE = 1027;
/** Words of a bitmap. */
const BITS = 63;

/** Whether a slot, and what it will hold, matters to anybody: a kernel has a hundred thousand. null: that stands in it. */
export type IsWanted = (slot: Distance, value: Distance | null) => boolean;

/** Bytes that are read at once: whole entries. */
const PIECE = 65536 * RELA_SIZE;

export class DynamicSlots {
  readonly #object: ObjectFile;
  readonly #layout: Layout;
  readonly #isWanted: IsWanted;
  #slots: ReadonlyMap<Distance, Distance | null> | undefined;

  /** `object`: with the image's own sections. */
  constructor(object: ObjectFile, layout: Layout, isWanted: IsWanted) {
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
        ((type === SHT.RELA && entrySize === RELA_SIZE) || type === SHT.RELR),
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
    for (const table of this.#tables) {
      if (table.type === SHT.RELR) {
        this.#readBitmaps(table, slots);
        continue;
      }
      const size = this.#object.relocationCount(table) * RELA_SIZE;
      const buffer = new Uint8Array(Math.min(PIECE, size));
      for (let piece = 0; piece < size; piece += PIECE) {
        const words = wordsOf(this.#object.read(table, piece, Math.min(PIECE, size - piece), buffer));
        this.#readEntries(words, slots);
      }
    }
    return slots;
  }

  #readEntries(words: Uint32Array, slots: Map<Distance, Distance | null>): void {
    const layout = this.#layout;
    for (let at = 0; at + RELA_WORDS <= words.length; at += RELA_WORDS) {
      if (words[at + 2] !== RELATIVE) continue;
      const slot = layout.distanceOfWords(words[at] ?? 0, words[at + 1] ?? 0);
      const value = layout.distanceOfWords(words[at + 4] ?? 0, words[at + 5] ?? 0);
      if (this.#isWanted(slot, value)) slots.set(slot, value);
    }
  }

  #readBitmaps(table: Section, slots: Map<Distance, Distance | null>): void {
    const words = wordsOf(this.#object.contents(table));
    const add = (slot: Distance): void => {
      if (this.#isWanted(slot, null)) slots.set(slot, null);
    };
    let next = 0;
    for (let index = 0; index + 1 < words.length; index += 2) {
      const [low, high] = [words[index] ?? 0, words[index + 1] ?? 0];
      if ((low & 1) === 0) {
        const at = this.#layout.distanceOfWords(low, high);
        add(at);
        next = at + 8;
        continue;
      }
      for (let bit = 1; bit <= BITS; bit++) {
        const bitmap = bit < 32 ? low : high;
        if (((bitmap >>> (bit % 32)) & 1) === 1) add(next + (bit - 1) * 8);
      }
      next += BITS * 8;
    }
  }
}
