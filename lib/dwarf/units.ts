// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A unit of .debug_info: its header, its root entry, and the bases with which its
// indexes are resolved. The root is read alone (a hundred bytes) until an entry
// below it is asked for; then the unit's bytes and relocations are read as one
// slice and kept. [DWARF5 7.5.1 "Unit Headers"]

import { wordAt } from '../elf/byte-source.js';
import type { Abbreviation, AbbreviationTable } from './abbreviations.js';
import type { Place } from './address-space.js';
import { DW_AT, DW_UT } from './constants.js';
import type { DebugSections } from './debug-sections.js';
import { type Encoding, type FormValue, readForm, skipForm, targetOf } from './forms.js';
import type { RelocatedCursor, RelocatedSection, Target } from './relocated-section.js';

/** Where a unit is: known before anything in it is parsed. */
export interface UnitExtent extends Encoding {
  readonly section: RelocatedSection;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** A debugging information entry, with the attributes that are read here. */
export interface Entry {
  readonly unit: Unit;
  /** In the unit's section. */
  readonly offset: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly values: ReadonlyMap<number, FormValue>;
  /** The offset after its attributes: of its first child, or of what follows it. */
  readonly next: number;
}

/** Bytes of the largest header: 64-bit DWARF, version 5, a type unit. */
const LONGEST_HEADER = 40;

const wanted: ReadonlySet<number> = new Set(Object.values(DW_AT).filter((name) => name !== DW_AT.sibling));

/** Throws FormatError if no unit with a valid length begins at `start`. */
export const readUnitExtent = (section: RelocatedSection, start: number): UnitExtent => {
  const cursor = section.plain(start, LONGEST_HEADER);
  let offsetSize: 4 | 8 = 4;
  let length = cursor.u32();
  // [DWARF5 7.4]: 0xffffffff marks 64-bit DWARF, 0xfffffff0 and above are reserved
  if (length === 0xffffffff) {
    offsetSize = 8;
    length = cursor.u64();
  } else if (length >= 0xfffffff0) cursor.fail(`a unit's length is 0x${length.toString(16)}`);
  const end = cursor.offset + length;
  if (length < 2 || end > section.size) cursor.fail(`a unit's length is ${length}`);
  return { section, start, end, offsetSize, version: cursor.u16() };
};

/** All units of a section in order. Throws FormatError at the first damaged one: where the next begins is not known. */
export function* unitExtents(section: RelocatedSection): Generator<UnitExtent> {
  for (let at = 0; at < section.size; ) {
    const extent = readUnitExtent(section, at);
    yield extent;
    at = extent.end;
  }
}

/** Codes from here on are written in several bytes. */
const LONG_CODE = 0x80;

export class Unit {
  readonly extent: UnitExtent;
  readonly sections: DebugSections;
  /** The unit that holds an entry of .debug_info, for references between units. */
  readonly unitAt: (target: Target) => Unit;
  readonly root: Entry;
  readonly #abbreviations: AbbreviationTable;
  #body: RelocatedCursor | undefined;

  /** Throws FormatError if the header, the abbreviations or the root entry are damaged. */
  constructor(extent: UnitExtent, sections: DebugSections, unitAt: (target: Target) => Unit) {
    this.extent = extent;
    this.sections = sections;
    this.unitAt = unitAt;
    const { section, start, end, version, offsetSize } = extent;
    const cursor = section.range(start, Math.min(end, start + LONGEST_HEADER));
    cursor.skip(offsetSize === 8 ? 14 : 6);
    if (version < 2 || version > 5) cursor.fail(`DWARF version ${version} is not known`);
    const unitType = version >= 5 ? cursor.u8() : DW_UT.compile;
    let addressSize = version >= 5 ? cursor.u8() : 8;
    const abbreviations = cursor.target(offsetSize);
    if (version < 5) addressSize = cursor.u8();
    if (addressSize !== 8) cursor.fail(`addresses of ${addressSize} bytes, where AArch64 has 8`);
    if (unitType === DW_UT.skeleton || unitType === DW_UT.split_compile) cursor.skip(8); // dwo_id
    if (unitType === DW_UT.type || unitType === DW_UT.split_type) cursor.skip(8 + offsetSize); // type_signature, type_offset
    this.#abbreviations = sections.abbreviationsAt(abbreviations, extent);
    this.root = this.#readRoot(cursor.offset);
  }

  /** DW_AT_name of the root: the source file as it was given to the compiler; '' if there is none. */
  get name(): string {
    return this.string(this.root.values.get(DW_AT.name)) ?? '';
  }

  /** DW_AT_comp_dir. */
  get directory(): string | null {
    return this.string(this.root.values.get(DW_AT.comp_dir));
  }

  /** The file with the rest of a skeleton unit (split DWARF); null for other units. */
  get dwoName(): string | null {
    const { values } = this.root;
    return this.string(values.get(DW_AT.dwo_name) ?? values.get(DW_AT.GNU_dwo_name));
  }

  /** The entry at an offset of the section; null for the null entry that ends a list of children. */
  entry(offset: number): Entry | null {
    const body = this.#bytes();
    if (!(offset >= this.root.offset && offset < this.extent.end)) {
      body.fail(`an entry at 0x${offset.toString(16)} would lie outside its unit`);
    }
    return this.#read(body, offset);
  }

  /** A cursor at an offset of the unit, for an attribute's block. It is shared: reading an entry moves it. */
  cursorAt(offset: number): RelocatedCursor {
    const body = this.#bytes();
    body.offset = offset;
    return body;
  }

  /** The abbreviation of the entry at an offset; null for the null entry. */
  abbreviationAt(offset: number): Abbreviation | null {
    const body = this.#bytes();
    body.offset = offset;
    const code = body.uleb();
    return code === 0 ? null : this.#abbreviations.get(code);
  }

  /**
   * Of an entry and its following siblings, the offset of the first with one of the roles, or of the null entry that
   * ends their list. Units have thousands of entries that nobody wants, and this loop skips them.
   */
  nextSibling(offset: number, roles: number): number {
    const body = this.#bytes();
    const { contents } = body;
    const { start, end } = this.extent;
    let at = offset;
    while (at < end) {
      // Nearly all codes have a byte; the cursor reads the others, and says what is damaged.
      let code = contents[at - start] ?? LONG_CODE;
      let behindCode = at + 1;
      if (code >= LONG_CODE) {
        body.offset = at;
        code = body.uleb();
        behindCode = body.offset;
      }
      if (code === 0) return at;
      const { roles: own, hasChildren, size, siblingAt } = this.#abbreviations.get(code);
      if ((own & roles) !== 0) return at;
      if (!hasChildren && size !== null) {
        at = behindCode + size;
        continue;
      }
      const next = siblingAt === null ? 0 : start + wordAt(contents, behindCode + siblingAt - start);
      at =
        hasChildren && next > behindCode + (siblingAt ?? 0) + 4 && next < end ? next : this.afterSubtree(at);
    }
    return at;
  }

  /** The offset after an entry and its descendants. DW_AT_sibling is used if it is there. */
  afterSubtree(offset: number): number {
    const body = this.#bytes();
    const { start, end } = this.extent;
    let at = offset;
    let depth = 0;
    do {
      body.offset = at;
      const code = body.uleb();
      if (code === 0) depth--;
      else {
        const { hasChildren, siblingAt, size, attributes } = this.#abbreviations.get(code);
        const behindCode = body.offset;
        if (hasChildren && siblingAt !== null) {
          body.offset = behindCode + siblingAt;
          at = start + body.u32();
          // Only forwards: a sibling that leads back would loop for ever.
          if (at > body.offset && at < end) continue;
          body.offset = behindCode;
        }
        if (hasChildren) depth++;
        if (size !== null) body.offset = behindCode + size;
        else for (const { form } of attributes) skipForm(body, form, this.extent);
      }
      at = body.offset;
    } while (depth > 0 && at < end);
    return at;
  }

  /** The offset after an entry itself: of its first child, if it has any. */
  after(offset: number): number {
    const abbreviation = this.abbreviationAt(offset);
    const body = this.#bytes();
    if (!abbreviation) return body.offset;
    const { size, attributes } = abbreviation;
    if (size !== null) return body.offset + size;
    for (const { form } of attributes) skipForm(body, form, this.extent);
    return body.offset;
  }

  /** null for values that are not strings, or are in a file that is not here. */
  string(value: FormValue | undefined): string | null {
    if (value?.kind === 'string') return value.text;
    if (value?.kind === 'stringAt') {
      return this.sections.of(value.target, value.section).string(value.target.offset);
    }
    if (value?.kind !== 'stringIndex') return null;
    const { offsetSize, version } = this.extent;
    const base = this.#base([DW_AT.str_offsets_base], version >= 5 ? offsetSize * 2 : 0);
    const target = this.sections
      .of(base, '.debug_str_offsets')
      .ahead(base.offset + value.index * offsetSize, offsetSize)
      .target(offsetSize);
    return this.sections.of(target, '.debug_str').string(target.offset);
  }

  /** null for values that are not addresses. */
  place(value: FormValue | undefined): Place | null {
    if (value?.kind === 'address') return value.place;
    return value?.kind === 'addressIndex' ? this.indexedAddress(value.index) : null;
  }

  /** Where entry `index` of this unit's .debug_addr is. */
  addressSlot(index: number): Target {
    const { offsetSize, version } = this.extent;
    const base = this.#base(
      [DW_AT.addr_base, DW_AT.GNU_addr_base],
      version >= 5 ? offsetSize + (offsetSize === 8 ? 8 : 4) : 0,
    );
    return { section: base.section, offset: base.offset + index * 8 };
  }

  indexedAddress(index: number): Place {
    const slot = this.addressSlot(index);
    return this.sections.of(slot, '.debug_addr').ahead(slot.offset, 8).place();
  }

  /** The value of a base attribute of the root, or the default base if it has none. */
  #base(attributes: readonly number[], fallback: number): Target {
    for (const attribute of attributes) {
      const target = targetOf(this.root.values.get(attribute));
      if (target) return target;
    }
    return { section: null, offset: fallback };
  }

  /** The offset of list `index` in .debug_rnglists. [DWARF5 7.28] */
  rangeListOffset(index: number): Target {
    const { offsetSize } = this.extent;
    const base = this.#base([DW_AT.rnglists_base], offsetSize === 8 ? 20 : 12);
    const cursor = this.sections
      .of(base, '.debug_rnglists')
      .ahead(base.offset + index * offsetSize, offsetSize);
    const relative = offsetSize === 4 ? cursor.u32() : cursor.u64();
    return { section: base.section, offset: base.offset + relative };
  }

  #bytes(): RelocatedCursor {
    if (this.#body) return this.#body;
    const { section, start, end } = this.extent;
    section.spend(end - start);
    this.#body = section.range(start, end);
    return this.#body;
  }

  /** The root alone, if its abbreviation gives its size; its values are few and the unit is large. */
  #readRoot(offset: number): Entry {
    const { section, end } = this.extent;
    const code = section.plain(offset, Math.min(10, end - offset));
    const { size } = this.#abbreviations.get(code.uleb());
    const cursor = size === null ? this.#bytes() : section.range(offset, Math.min(end, code.offset + size));
    return this.#read(cursor, offset) ?? cursor.fail('a unit has no root entry');
  }

  #read(cursor: RelocatedCursor, offset: number): Entry | null {
    cursor.offset = offset;
    const code = cursor.uleb();
    if (code === 0) return null;
    const { tag, hasChildren, attributes } = this.#abbreviations.get(code);
    const values = new Map<number, FormValue>();
    for (const { attribute, form, implicit } of attributes) {
      if (wanted.has(attribute)) values.set(attribute, readForm(cursor, form, implicit, this.extent));
      else skipForm(cursor, form, this.extent);
    }
    return { unit: this, offset, tag, hasChildren, values, next: cursor.offset };
  }
}
