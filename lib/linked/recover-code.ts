// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code of a linked image as its objects had it: every instruction decoded,
// each address that a linker put in taken out again, with the relocation that
// asks for it. Branches that an assembler resolves by itself (to a local symbol of
// the same section) stay. What a linker moved for an erratum is put back; what it
// put between a call and its target is told apart.

import {
  asAddress,
  asPage,
  literalSize,
  type PlacedAddress,
  placedAddress,
} from '../aarch64/address-fields.js';
import { literalDisplacement, resultRegister } from '../aarch64/instructions.js';
import { CodeMap } from '../code/code-map.js';
import { functionsOf } from '../code/functions.js';
import { runsOf } from '../code/mapping-symbols.js';
import type { Section } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import { STB } from '../elf/vocabulary.js';
import { Callees } from './callees.js';
import { dataRuns } from './data-runs.js';
import { type Target, typeNamed, type Use, useOf } from './entries.js';
import type { Distance, Layout } from './layout.js';
import type { Run } from './linked-symbols.js';
import { takeOutLinkerCode } from './linker-code.js';
import { usesOfPage } from './page-uses.js';
import type { RecoveredObject } from './recovered-object.js';
import { type ImageWords, pageOf, type Veneer } from './stubs.js';
import { wideMoves } from './wide-moves.js';

/** Where the kernel lies, as the upper half of an address: its top byte is set. [arch/arm64/include/asm/memory.h] */
const KERNEL_HALF = 0xff000000;

export interface RecoveredCode {
  readonly words: Uint32Array;
  readonly entries: readonly Relocation[];
  readonly runs: readonly Run[];
  /** By the offset of the branch. */
  readonly veneers: ReadonlyMap<number, Veneer>;
}

export interface Surroundings {
  readonly layout: Layout;
  readonly image: ImageWords;
  readonly targetOf: (at: Distance, use: Use) => Target;
  /** The linker script gives the nVHE link a name for an address: a bound, whatever lies there. */
  readonly isAlias: (at: Distance) => boolean;
  /** Where the image says that slots of the section are, beside those that are seen. */
  readonly slots: readonly Distance[];
}

/** `object`: with the layout's sections, its contents as they are linked. */
export const recoverCode = (object: RecoveredObject, section: Section, around: Surroundings): RecoveredCode =>
  new Recovery(object, section, around).run();

/** The code as it was before the linker's own came in, and what calls leave behind. */
interface Ways {
  readonly code: CodeMap;
  readonly callees: Callees;
}

class Recovery {
  readonly #object: RecoveredObject;
  readonly #section: Section;
  readonly #around: Surroundings;
  readonly #code: CodeMap;
  readonly #start: Distance;
  readonly #words: Uint32Array;
  /** By offset. */
  readonly #entries = new Map<number, Relocation[]>();
  /** Per word 1 where it is data, or code of the linker's. */
  readonly #data: Uint8Array;
  /** Offsets of symbols that other objects can name. */
  readonly #globals: ReadonlySet<number>;

  constructor(object: RecoveredObject, section: Section, around: Surroundings) {
    this.#object = object;
    this.#section = section;
    this.#around = around;
    this.#code = new CodeMap(object, section);
    this.#start = around.layout.startOf(section);
    this.#words = Uint32Array.from({ length: this.#code.size / 4 }, (_, index) => this.#code.word(index * 4));
    this.#data = new Uint8Array(this.#words.length);
    const { symbols } = object;
    this.#globals = new Set(
      symbols
        .inSection(section.index)
        .filter((symbol) => symbols.binding(symbol) !== STB.LOCAL)
        .map((symbol) => symbols.value(symbol)),
    );
  }

  run(): RecoveredCode {
    this.#markData();
    const { image } = this.#around;
    const functions = functionsOf(this.#object, this.#section);
    const { veneers, taken } = takeOutLinkerCode(this.#words, {
      start: this.#start,
      image,
      isCode: (offset) => this.#isCode(offset),
      isInFunction: (offset) => {
        const cover = functions.coverAt(offset);
        return cover?.sized === true && cover.start < offset;
      },
    });
    for (const offset of taken) this.#markRange(offset, 4);
    // As it was before: the walks need the ways through the code without the linker's detours.
    const code = this.#codeNow();
    const ways = { code, callees: new Callees(code, (offset) => functions.extentAt(offset)) };
    for (let offset = 0; offset < this.#code.size; offset += 4) {
      if (!this.#isCode(offset)) continue;
      const placed = placedAddress(this.#words[offset >>> 2] ?? 0);
      if (!placed) continue;
      const { type, displacement } = placed;
      if (type === 'ADR_PREL_PG_HI21') this.#recoverPage(ways, offset, displacement);
      else if (type === 'ADR_PREL_LO21' && this.#isPageOfErratum(offset, displacement))
        this.#recoverPage(ways, offset, displacement);
      else this.#recoverPlaced(offset, placed, veneers.get(offset) ?? null);
    }
    this.#recoverMoves();
    this.#recoverSlots(taken);
    return {
      words: this.#words,
      entries: [...this.#entries.values()].flat(),
      runs: dataRuns(this.#object, this.#section, this.#data),
      veneers,
    };
  }

  #isCode(offset: number): boolean {
    return this.#data[offset >>> 2] === 0;
  }

  #markRange(start: number, size: number): void {
    this.#data.fill(1, start >>> 2, (start + size + 3) >>> 2);
  }

  /** What mapping symbols say, what is loaded as a literal, what is bounded as a table, and slots. */
  #markData(): void {
    for (const { start, end } of runsOf(this.#object, this.#section).data())
      this.#markRange(start, end - start);
    for (const cut of this.#around.layout.cuts) {
      const offset = cut.start - this.#start;
      const isInside = offset >= 0 && cut.end <= this.#start + this.#section.size;
      if (cut.section.index !== this.#section.index && isInside) this.#markRange(offset, cut.section.size);
    }
    for (const slot of this.#around.slots) this.#markRange(slot - this.#start, 8);
    for (let offset = 0; offset < this.#code.size; offset += 4) {
      const word = this.#code.word(offset);
      const displacement = this.#isCode(offset) ? literalDisplacement(word) : null;
      const at = displacement === null ? -1 : offset + displacement;
      if (at >= 0 && at < this.#code.size) this.#markRange(at, literalSize(word));
    }
  }

  #codeNow(): CodeMap {
    const bytes = new Uint8Array(this.#words.buffer.slice(0));
    return new CodeMap(this.#object.withContents(this.#section, bytes), this.#section);
  }

  /**
   * GNU ld makes an ADRP that erratum 843419 forbids an ADR of the page: in the last two words of a page. Elsewhere an ADR
   * of a page is the whole address, of a variable that lies there. (lld makes such of ADRP and ADD)
   */
  #isPageOfErratum(offset: number, displacement: number): boolean {
    const inPage = (at: number): number => (this.#start + at + this.#around.image.pageOffset) % 4096;
    return inPage(offset) >= 0xff8 && inPage(offset + displacement) === 0;
  }

  /** Other objects have a name for a place of the section, so that an assembler left a relocation to it. */
  #isNamedElsewhere(type: string, target: Distance, offset: number): boolean {
    if (type === 'LD_PREL_LO19') return false;
    return this.#globals.has(offset) || (type === 'ADR_PREL_LO21' && this.#around.isAlias(target));
  }

  #recoverPlaced(offset: number, { type, displacement, bare }: PlacedAddress, veneer: Veneer | null): void {
    const target = veneer?.target ?? this.#start + offset + displacement;
    const spot = this.#around.layout.spotOf(target);
    const isInside = spot?.section.index === this.#section.index;
    if (isInside && !veneer && !this.#isNamedElsewhere(type, target, spot.offset)) return;
    this.#words[offset >>> 2] = bare;
    this.#add(offset, type, this.#around.targetOf(target, useOf(type)));
  }

  /** What an ADRP puts into its register; null: the instruction is none. */
  #pageMadeAt(code: CodeMap, offset: number): Distance | null {
    const placed = placedAddress(code.word(offset));
    return placed?.type === 'ADR_PREL_PG_HI21'
      ? pageOf(this.#start + offset, placed.displacement, this.#around.image.pageOffset)
      : null;
  }

  #recoverPage({ code, callees }: Ways, offset: number, displacement: number): void {
    const { image, targetOf } = this.#around;
    const word = this.#words[offset >>> 2] ?? 0;
    const isPage = placedAddress(word)?.type === 'ADR_PREL_PG_HI21';
    const page = isPage
      ? pageOf(this.#start + offset, displacement, image.pageOffset)
      : this.#start + offset + displacement;
    const extent = functionsOf(this.#object, this.#section).extentAt(offset);
    const { completed, isUsedPlainly } = usesOfPage(
      {
        code,
        goesOn: (at) => at >= extent.start && at < extent.end && this.#isCode(at),
        callees,
        isSamePage: (at) => this.#pageMadeAt(code, at) === page,
      },
      offset,
      resultRegister(word),
    );
    const bare = placedAddress(word)?.bare ?? word;
    if (completed.size === 0) {
      // Nothing to add: the page is what is meant. An ADRP that nothing uses is left for others to say.
      this.#words[offset >>> 2] = isUsedPlainly ? asAddress(bare) : bare;
      const type = isPage && !isUsedPlainly ? 'ADR_PREL_PG_HI21' : 'ADR_PREL_LO21';
      this.#add(offset, type, targetOf(page, useOf(type)));
      return;
    }
    this.#words[offset >>> 2] = asPage(bare);
    const symbols = new Set<number>();
    for (const [at, low] of completed) {
      const slot = this.#slotOfGot(page + low.value, low.type);
      const target = slot === null ? targetOf(page + low.value, useOf(low.type)) : targetOf(slot, 'address');
      if (!symbols.has(target.symbol))
        this.#add(offset, slot === null ? 'ADR_PREL_PG_HI21' : 'ADR_GOT_PAGE', target);
      symbols.add(target.symbol);
      this.#words[at >>> 2] = low.bare;
      this.#add(at, slot === null ? low.type : 'LD64_GOT_LO12_NC', target);
    }
  }

  /** What a slot of the GOT is for; null where an access is not to one. */
  #slotOfGot(at: Distance, type: string): Distance | null {
    const { layout, image } = this.#around;
    const isLong = type === 'LDST64_ABS_LO12_NC';
    return isLong && layout.wholeOf(at)?.name.startsWith('.got') ? image.address(at) : null;
  }

  #recoverMoves(): void {
    const { layout, targetOf } = this.#around;
    for (const { parts, low, high } of wideMoves(this.#words, (index) => this.#isCode(index * 4))) {
      const value = layout.distanceOfWords(low, high);
      if (!layout.wholeOf(value)) continue;
      for (const { index, move } of parts) {
        this.#words[index] = move.bare;
        this.#add(index * 4, move.type, targetOf(value, useOf(move.type)));
      }
    }
  }

  /** Words of 64 bits that hold addresses of the image. */
  #recoverSlots(taken: ReadonlySet<number>): void {
    const { image, targetOf, layout } = this.#around;
    const end = this.#words.length;
    const first = (this.#start + Number(layout.base & 7n)) % 8 === 0 ? 0 : 1;
    for (let index = first; index + 1 < end; index += 2) {
      if (this.#data[index] === 0 && (this.#words[index + 1] ?? 0) < KERNEL_HALF) continue;
      const at = this.#start + index * 4;
      const value = image.address(at);
      if (value === null || taken.has(index * 4)) continue;
      this.#markRange(index * 4, 8);
      this.#words[index] = 0;
      this.#words[index + 1] = 0;
      this.#add(index * 4, 'ABS64', targetOf(value, 'address'));
    }
  }

  #add(offset: number, type: string, target: Target): void {
    const entry = { offset, type: typeNamed(type), ...target };
    const here = this.#entries.get(offset) ?? [];
    this.#entries.set(offset, here);
    const isThere = here.some(
      (one) => one.type === entry.type && one.symbol === entry.symbol && one.addend === entry.addend,
    );
    if (!isThere) here.push(entry);
  }
}
