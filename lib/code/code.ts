// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All code of a link by address: the section, word and relocation at an address,
// and the function around it.

import { formsAddress, placedAddress } from '../aarch64/address-fields.js';
import { literalDisplacement } from '../aarch64/instructions.js';
import type { RelocationKind } from '../aarch64/relocation-types.js';
import { relocationTypes } from '../aarch64/relocation-types.js';
import { SHT, STT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Address, AddressSpace } from './address-space.js';
import { codeMapOf } from './code-map.js';
import type { CodeRange, Extent } from './code-range.js';
import { CodeSection } from './code-section.js';
import { functionsOf, nameAt } from './functions.js';
import { Instruction, type Patched } from './instruction.js';
import { sectionsOf } from './object-sections.js';
import { relocationsOf } from './relocations.js';
import { holdsCode } from './sections.js';

interface Located {
  readonly code: CodeSection;
  readonly start: Address;
  readonly end: Address;
}

/** A power of two; more than the number of instructions in any kernel's hyp code up to 5.8. */
const NEAR = 8192;

/** Names that are kept. */
const MOST_NAMES = 1000;

export class Code {
  readonly space: AddressSpace;
  /** By region; null for what is not code. */
  readonly #regions = new Map<number, Located | null>();
  readonly #ranges: readonly Extent[];
  /** Where the last address was, if nothing else is there: most are near the one before. */
  #last: Located | null = null;
  /** The last function whose own end was asked for, which is the next one's mostly. */
  #sizedStart = -1;
  #sizedEnd = -1;
  /** Cache of recent instructions, by the low bits of their addresses: the walk visits most of them several times. */
  readonly #near: (Instruction | undefined)[] = new Array(NEAR);
  #hypEntries: ReadonlySet<Address> | undefined;
  readonly #constants = new Map<string, number | null>();
  /** By address: thousands of branches may lead to one. */
  readonly #sourceNames = new Map<Address, string | null>();

  /** `ranges`: hyp code in sections of the host. */
  constructor(space: AddressSpace, ranges: readonly CodeRange[]) {
    this.space = space;
    this.#ranges = ranges.map(({ code, length }) => {
      const start = space.addressOf(code);
      return { start, end: start + length };
    });
  }

  word(address: Address): number {
    const located = this.#locate(address);
    return located ? located.code.word(address - located.start) : 0;
  }

  instructionAt(address: Address): Instruction {
    const slot = (address / 4) & (NEAR - 1);
    const near = this.#near[slot];
    if (near?.at === address) return near;
    const instruction = new Instruction(this.word(address), address, this.patchedAt(address));
    this.#near[slot] = instruction;
    return instruction;
  }

  isCode(address: Address): boolean {
    const located = this.#locate(address);
    return located?.code.isCode(address - located.start) === true;
  }

  /** A word of an executable section, even if the mapping symbols mark it as data: the processor does not ask them. */
  canRun(address: Address): boolean {
    const located = this.#locate(address);
    const offset = located ? address - located.start : 0;
    return located !== null && offset >= 0 && offset % 4 === 0 && offset + 4 <= located.code.section.size;
  }

  /** In a hyp section or range; code or literals. */
  isHyp(address: Address): boolean {
    if (this.#locate(address)?.code.isHyp === true) return true;
    return this.#ranges.some(({ start, end }) => address >= start && address < end);
  }

  /** A symbol stands here. */
  isEntry(address: Address): boolean {
    const located = this.#locate(address);
    return located?.code.isEntry(address - located.start) === true;
  }

  /** Where functions and labels of hyp code begin. */
  get hypEntries(): ReadonlySet<Address> {
    this.#hypEntries ??= this.#findHypEntries();
    return this.#hypEntries;
  }

  #findHypEntries(): ReadonlySet<Address> {
    const found = new Set<Address>();
    for (const { start, end } of this.#ranges)
      for (const at of [start, ...this.labelsIn(start, end)]) if (this.isEntry(at)) found.add(at);
    for (const object of this.space.image.objects) {
      for (const section of sectionsOf(object).hypCode) {
        const start = this.space.startOf(object, section);
        for (const offset of functionsOf(object, section).entries) found.add(start + offset);
      }
    }
    return found;
  }

  /** Control may arrive here from two places, as far as the code of the function itself shows. */
  isJoint(address: Address): boolean {
    const located = this.#locate(address);
    return located?.code.isJoint(address - located.start) === true;
  }

  /** Of hyp code: control arrives only from the instruction before it, as far as the section shows. */
  followsOnly(address: Address): boolean {
    const place = this.placeOf(address);
    if (!place || this.isEntry(address)) return false;
    return codeMapOf(place.object, place.section).followsOnly(place.offset);
  }

  /** The function around an address, as addresses; empty if there is no code. */
  extentAt(address: Address): Extent {
    const located = this.#locate(address);
    if (!located) return { start: address, end: address };
    const { start, end } = located.code.functions.extentAt(address - located.start);
    return { start: located.start + start, end: located.start + end };
  }

  /** The same, but what lies behind a sized function is not of that. `extent`: that of extentAt, where it is known. */
  ownExtentAt(address: Address, extent = this.extentAt(address)): Extent {
    if (extent.start !== this.#sizedStart) {
      this.#sizedStart = extent.start;
      this.#sizedEnd = this.extentAt(extent.start).end;
    }
    return address < this.#sizedEnd ? extent : { start: this.#sizedEnd, end: extent.end };
  }

  /** Symbols of code in start .. end (exclusive), without start itself. */
  labelsIn(start: Address, end: Address): readonly Address[] {
    const located = this.#locate(start);
    if (!located) return [];
    return located.code.functions
      .labelsIn(start - located.start, end - located.start)
      .map((at) => located.start + at);
  }

  /** A function begins here, or a label of assembly stands here, in code of the host too. */
  isLabel(address: Address): boolean {
    return this.labelsIn(address - 4, address + 4).includes(address);
  }

  /** A sized function begins here. */
  isFunctionStart(address: Address): boolean {
    const located = this.#locate(address);
    return located?.code.functions.isStart(address - located.start) === true;
  }

  /**
   * All that whoever takes this address means: a sized function that begins here, or sized code of assembly that is none
   * (SYM_CODE_START of linux/linkage.h, 5.5 on: the vectors of EL2). null: a place within one, or a label.
   */
  wholeAt(address: Address): Extent | null {
    const located = this.#locate(address);
    const cover = located?.code.functions.coverAt(address - located.start);
    if (!located || !cover?.sized || located.start + cover.start !== address) return null;
    if (cover.type !== STT.FUNC && cover.type !== STT.NOTYPE) return null;
    return { start: address, end: located.start + cover.end };
  }

  sectionAt(address: Address): CodeSection | null {
    return this.#locate(address)?.code ?? null;
  }

  patchedAt(address: Address): Patched | null {
    const located = this.#locate(address);
    const word = located?.code.relocationAt(address - located.start);
    if (!located || !word) return null;
    const kind: RelocationKind = relocationTypes.get(word.type)?.kind ?? 'absolute';
    if (kind === 'none') return null;
    return { kind, target: this.space.targetOf(located.code.object, word.symbol, word.addend) };
  }

  /** The address that an instruction completes or loads; null if it does neither. */
  formedAt(address: Address): Address | null {
    const patched = this.patchedAt(address);
    if (patched) return patched.kind === 'page' || patched.kind === 'got-page' ? null : patched.target;
    const word = this.word(address);
    const displacement = literalDisplacement(word);
    if (displacement !== null) {
      const literal = this.patchedAt(address + displacement);
      return literal?.kind === 'absolute' ? literal.target : null;
    }
    const placed = formsAddress(word) ? placedAddress(word) : null;
    return placed?.type === 'ADR_PREL_LO21' ? address + placed.displacement : null;
  }

  /** The run of data around an address among code; empty if that is code. */
  dataAround(address: Address): Extent {
    const located = this.#locate(address);
    if (!located) return { start: address, end: address };
    const { start, end } = located.code.runs.dataAt(address - located.start);
    return { start: located.start + start, end: located.start + end };
  }

  /** The symbol at a place, or the name of an undefined one; null if nothing names it. */
  nameOf(address: Address): string | null {
    const place = this.space.placeOf(address);
    return place ? nameAt(place) : this.space.nameOf(address);
  }

  /** Two symbols of what is one function in the source: f and f.cold. */
  isSameSource(one: Address, other: Address): boolean {
    const here = this.#sourceNameOf(one);
    return here !== null && here === this.#sourceNameOf(other);
  }

  #sourceNameOf(address: Address): string | null {
    const known = this.#sourceNames.get(address);
    if (known !== undefined) return known;
    const name = this.nameOf(address);
    const found = name === null ? null : sourceName(name);
    if (this.#sourceNames.size > MOST_NAMES) this.#sourceNames.clear();
    this.#sourceNames.set(address, found);
    return found;
  }

  placeOf(address: Address): Place | null {
    return this.space.placeOf(address);
  }

  /** A little-endian number in a section's contents, or S + A - P; null if there is none. */
  constantAt(address: Address, size: number, signed: boolean): number | null {
    const key = `${address} ${size} ${signed}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = this.#readConstant(address, size, signed);
    this.#constants.set(key, value);
    return value;
  }

  #readConstant(address: Address, size: number, signed: boolean): number | null {
    const place = this.space.placeOf(address);
    if (!place || place.section.type === SHT.NOBITS || place.offset < 0) return null;
    if (place.offset + size > place.object.sizeOf(place.section)) return null;
    const { object, section, offset } = place;
    const word = relocationsOf(object, section).at(offset);
    if (word) {
      // A distance to another section: clang's jump tables have 32-bit offsets from the table itself.
      if (relocationTypes.get(word.type)?.kind !== 'relative' || size !== 4 || !signed) return null;
      return this.space.targetOf(object, word.symbol, word.addend) - address;
    }
    const bytes = Buffer.from(place.object.read(place.section, place.offset, size).buffer);
    return signed ? bytes.readIntLE(0, size) : bytes.readUIntLE(0, size);
  }

  #locate(address: Address): Located | null {
    const last = this.#last;
    if (last !== null && address >= last.start && address < last.end) return last;
    const region = this.space.regionOf(address);
    let located = this.#regions.get(region);
    if (located === undefined) {
      located = this.#find(address);
      this.#regions.set(region, located);
    }
    this.#last = this.space.isApart(region) ? located : null;
    return located;
  }

  #find(address: Address): Located | null {
    const place = this.space.placeOf(address);
    if (!place || !holdsCode(place.section)) return null;
    const start = address - place.offset;
    return { code: new CodeSection(place.object, place.section), start, end: start + place.section.size };
  }
}
