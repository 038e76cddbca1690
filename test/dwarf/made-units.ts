// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Makes units from a tree of entries. Each entry gets an abbreviation of its own, so a
// test lists only the attributes; entries refer to each other by label.

import { DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import type { Entry, Unit } from '../../lib/dwarf/units.js';
import { bytesOf, type MadeSection, makeSections, type Piece, sized, u16, u32, uleb } from './synthetic.js';

/** An abbreviation: code, tag, whether it has children, then pairs of attribute and form. */
export const abbreviation = (code: number, tag: number, children: boolean, ...pairs: number[]): Piece =>
  bytesOf(uleb(code), uleb(tag), children ? 1 : 0, ...pairs.map((number) => uleb(number)), 0, 0);

/** DW_AT_*, DW_FORM_* and the value's bytes; for DW_FORM_ref4 a label, and for DW_FORM_implicit_const nothing. */
export type MadeAttribute = readonly [
  attribute: number,
  form: number,
  value: Piece | { readonly to: string },
];

export interface MadeEntry {
  readonly tag: number;
  readonly label?: string;
  readonly attributes?: readonly MadeAttribute[];
  readonly children?: readonly MadeEntry[];
}

export interface MadeUnits {
  readonly info: readonly number[];
  readonly abbreviations: readonly number[];
  /** Offsets into .debug_info, by label. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** The header of a unit of 32-bit DWARF, without its length. [DWARF5 7.5.1] */
const headerOf = (version: number, abbreviations: number): readonly number[] =>
  version >= 5
    ? bytesOf(u16(version), 1, 8, u32(abbreviations))
    : bytesOf(u16(version), u32(abbreviations), 8);

/** One unit after the other, each with its own table of abbreviations. */
export const makeUnits = (roots: readonly MadeEntry[], version = 5): MadeUnits => {
  const offsets = new Map<string, number>();
  const abbreviations: number[] = [];
  const info: number[] = [];
  const holes: { readonly at: number; readonly to: string; readonly start: number }[] = [];
  for (const root of roots) {
    const start = info.length;
    const header = headerOf(version, abbreviations.length);
    const body: number[] = [];
    let codes = 0;
    const add = ({ tag, label, attributes = [], children }: MadeEntry): void => {
      const offset = start + 4 + header.length + body.length;
      if (label !== undefined) offsets.set(label, offset);
      codes++;
      const pairs = attributes.flatMap(([attribute, form, value]) =>
        bytesOf(
          uleb(attribute),
          uleb(form),
          form === DW_FORM.implicit_const && (typeof value === 'number' || Array.isArray(value)) ? value : [],
        ),
      );
      abbreviations.push(...bytesOf(uleb(codes), uleb(tag), children ? 1 : 0, pairs, 0, 0));
      body.push(...uleb(codes));
      for (const [, form, value] of attributes) {
        if (form === DW_FORM.implicit_const) continue;
        if (typeof value === 'number') body.push(value);
        else if ('to' in value) {
          holes.push({ at: start + 4 + header.length + body.length, to: value.to, start });
          body.push(0, 0, 0, 0);
        } else body.push(...value);
      }
      for (const child of children ?? []) add(child);
      if (children) body.push(0);
    };
    add(root);
    abbreviations.push(0);
    info.push(...sized(header, body));
  }
  for (const { at, to, start } of holes) {
    const offset = offsets.get(to);
    if (offset === undefined) throw new Error(`there is no entry '${to}'`);
    for (const [index, byte] of u32(offset - start).entries()) info[at + index] = byte;
  }
  return { info, abbreviations, offsets };
};

export const sectionsOf = (
  { info, abbreviations }: MadeUnits,
  more: Readonly<Record<string, MadeSection>> = {},
): Readonly<Record<string, MadeSection>> => ({
  '.text': { bytes: [], address: 0x1000n, size: 0x1000 },
  ...more,
  '.debug_info': { bytes: info, ...more['.debug_info'] },
  '.debug_abbrev': { bytes: abbreviations },
});

/** The units of an image whose .text is at 0x1000, and their entries by label. */
export const openUnits = (
  roots: readonly MadeEntry[],
  { version = 5, more = {} }: { version?: number; more?: Readonly<Record<string, MadeSection>> } = {},
) => {
  const made = makeUnits(roots, version);
  const sections = makeSections(sectionsOf(made, more), 2);
  const index = new UnitIndex(sections);
  const entry = (label: string): Entry => {
    const offset = made.offsets.get(label) ?? -1;
    const unit: Unit = index.unitAt({ section: null, offset });
    const found = unit.entry(offset);
    if (!found) throw new Error(`there is no entry '${label}'`);
    return found;
  };
  return { index, sections, entry, made, units: [...new UnitIndex(sections).all()] };
};

export const unitEntry = (
  attributes: readonly MadeAttribute[],
  children: readonly MadeEntry[],
): MadeEntry => ({
  tag: DW_TAG.compile_unit,
  label: 'unit',
  attributes,
  children,
});
