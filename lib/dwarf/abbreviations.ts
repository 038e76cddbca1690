// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The abbreviations of a unit: what the entries of each code look like. Read only
// as far as asked for: to look at the root entries of 3,500 units takes the first
// abbreviation of each, which is nearly always the first in its table.
// [DWARF5 7.5.3]

import { DW_AT, DW_FORM, DW_TAG } from './constants.js';
import { type Encoding, fixedSizeOf } from './forms.js';
import type { RelocatedSection } from './relocated-section.js';

export interface AttributeSpecification {
  /** DW_AT_*. */
  readonly attribute: number;
  /** DW_FORM_*. */
  readonly form: number;
  /** The value of DW_FORM_implicit_const, else 0. */
  readonly implicit: number;
}

export interface Abbreviation {
  /** DW_TAG_*. */
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeSpecification[];
  /** Bytes of the attributes of every such entry; null if that varies. */
  readonly size: number | null;
  /** Bytes before DW_AT_sibling in every such entry; null if there is none, or if that varies. */
  readonly siblingAt: number | null;
  /** ROLE_* bits: what a search may want it for. */
  readonly roles: number;
}

/** A function with code: neither a declaration nor an abstract instance. */
export const ROLE_FUNCTION = 1;
export const ROLE_INLINED = 2;
/** It may hold inlined calls inside a function. */
export const ROLE_BLOCK = 4;
/** It may hold functions and is not one. */
export const ROLE_CONTAINER = 8;
/** A variable with an address. */
export const ROLE_VARIABLE = 16;

const roleOfTag: ReadonlyMap<number, number> = new Map([
  [DW_TAG.subprogram, ROLE_FUNCTION],
  [DW_TAG.inlined_subroutine, ROLE_INLINED],
  [DW_TAG.lexical_block, ROLE_BLOCK],
  [DW_TAG.try_block, ROLE_BLOCK],
  [DW_TAG.catch_block, ROLE_BLOCK],
  [DW_TAG.with_stmt, ROLE_BLOCK],
  [DW_TAG.namespace, ROLE_CONTAINER],
  [DW_TAG.module, ROLE_CONTAINER],
  [DW_TAG.variable, ROLE_VARIABLE],
]);

/** An entry needs one of these attributes to play its role. */
const needed: ReadonlyMap<number, readonly number[]> = new Map([
  [ROLE_FUNCTION, [DW_AT.low_pc, DW_AT.ranges]],
  [ROLE_VARIABLE, [DW_AT.location]],
]);

const rolesOf = (tag: number, attributes: readonly AttributeSpecification[]): number => {
  const role = roleOfTag.get(tag) ?? 0;
  const oneOf = needed.get(role);
  return !oneOf || attributes.some(({ attribute }) => oneOf.includes(attribute)) ? role : 0;
};

/** Most bytes of one abbreviation, which must lie in one window of the section; a hundred attributes fit. */
const LONGEST = 1024;

export class AbbreviationTable {
  readonly #section: RelocatedSection;
  readonly #encoding: Encoding;
  readonly #known = new Map<number, Abbreviation>();
  /** Offset of the next abbreviation; null after the last. */
  #next: number | null;

  constructor(section: RelocatedSection, offset: number, encoding: Encoding) {
    this.#section = section;
    this.#encoding = encoding;
    this.#next = offset;
  }

  /** Throws a FormatError if the table has no such code. */
  get(code: number): Abbreviation {
    for (;;) {
      const known = this.#known.get(code);
      if (known) return known;
      if (!this.#readNext()) this.#section.plain(0, 0).fail(`there is no abbreviation ${code}`);
    }
  }

  /** Reads one more abbreviation; false after the last. */
  #readNext(): boolean {
    if (this.#next === null) return false;
    const cursor = this.#section.ahead(this.#next, LONGEST);
    const code = cursor.uleb();
    if (code === 0) {
      this.#next = null;
      return false;
    }
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes: AttributeSpecification[] = [];
    let size: number | null = 0;
    let siblingAt: number | null = null;
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      const implicit = form === DW_FORM.implicit_const ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      if (attribute === DW_AT.sibling && form === DW_FORM.ref4) siblingAt = size;
      const fixed = fixedSizeOf(form, this.#encoding);
      size = size === null || fixed === null ? null : size + fixed;
      attributes.push({ attribute, form, implicit });
    }
    if (!this.#known.has(code)) {
      const roles = rolesOf(tag, attributes);
      this.#known.set(code, { tag, hasChildren, attributes, size, siblingAt, roles });
    }
    this.#section.spend(cursor.offset - this.#next);
    this.#next = cursor.offset;
    return true;
  }
}
