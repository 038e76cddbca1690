// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Attribute forms: their size and their meaning. A value is kept as it is written
// (an index stays an index), because the bases for indexes are attributes
// themselves and may come later. [DWARF5 7.5.5, 7.5.6]

import type { Cursor } from '../elf/cursor.js';
import type { Place } from './address-space.js';
import { DW_FORM } from './constants.js';
import type { RelocatedCursor, Target } from './relocated-section.js';

/** What the size of a form depends on. */
export interface Encoding {
  readonly version: number;
  /** 8 in 64-bit DWARF. */
  readonly offsetSize: 4 | 8;
}

export type FormValue =
  | { readonly kind: 'address'; readonly place: Place }
  /** An index into .debug_addr, from DW_AT_addr_base. */
  | { readonly kind: 'addressIndex'; readonly index: number }
  /** Rounded beyond 2^53. */
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'stringAt'; readonly section: string; readonly target: Target }
  /** An index into .debug_str_offsets, from DW_AT_str_offsets_base. */
  | { readonly kind: 'stringIndex'; readonly index: number }
  /** A block or an expression: bytes start .. start + length of the same section. */
  | { readonly kind: 'block'; readonly start: number; readonly length: number }
  /** An entry of the same unit, by its distance from the start of the unit. */
  | { readonly kind: 'unitReference'; readonly offset: number }
  /** An entry anywhere in .debug_info. */
  | { readonly kind: 'reference'; readonly target: Target }
  | { readonly kind: 'sectionOffset'; readonly target: Target }
  /** An index into the offsets before the unit's range or location lists. */
  | { readonly kind: 'listIndex'; readonly index: number }
  /** Something in a file that is not here: type signatures, dwz and supplementary files. */
  | { readonly kind: 'elsewhere' };

/** Bytes: a number, the size of a section offset, that of DW_FORM_ref_addr, or a way to skip it. */
type Size = number | 'offset' | 'refAddr' | ((cursor: Cursor) => void);

interface Form {
  readonly size: Size;
  readonly read: (cursor: RelocatedCursor, encoding: Encoding) => FormValue;
}

/** The cursor's uleb() refuses more than 2^53, but a constant that is skipped may have 64 bits. */
const skipLeb = (cursor: Cursor): void => {
  while (cursor.u8() >= 0x80);
};

const u24 = (cursor: Cursor): number => cursor.u16() + cursor.u8() * 0x10000;

const refAddrSize = (encoding: Encoding): 4 | 8 => (encoding.version <= 2 ? 8 : encoding.offsetSize);

const constant = (size: Size, read: (cursor: RelocatedCursor) => number): Form => ({
  size,
  read: (cursor) => ({ kind: 'constant', value: read(cursor) }),
});

/** DWARF 2 and 3 also use DW_FORM_data4 and data8 for section offsets. */
const constantOrOffset = (size: 4 | 8): Form => ({
  size,
  read: (cursor) =>
    cursor.isRelocated(size)
      ? { kind: 'sectionOffset', target: cursor.target(size) }
      : { kind: 'constant', value: size === 4 ? cursor.u32() : Number(cursor.address()) },
});

const block = (lengthOf: (cursor: Cursor) => number): Form => ({
  size: (cursor) => cursor.skip(lengthOf(cursor)),
  read: (cursor) => {
    const length = lengthOf(cursor);
    const start = cursor.offset;
    cursor.skip(length);
    return { kind: 'block', start, length };
  },
});

const indexed = (
  kind: 'addressIndex' | 'stringIndex' | 'listIndex',
  size: Size,
  read: (cursor: RelocatedCursor) => number,
): Form => ({ size, read: (cursor) => ({ kind, index: read(cursor) }) });

const unitReference = (size: Size, read: (cursor: RelocatedCursor) => number): Form => ({
  size,
  read: (cursor) => ({ kind: 'unitReference', offset: read(cursor) }),
});

const stringAt = (section: string): Form => ({
  size: 'offset',
  read: (cursor, encoding) => ({ kind: 'stringAt', section, target: cursor.target(encoding.offsetSize) }),
});

const elsewhere = (size: number | 'offset'): Form => ({
  size,
  read: (cursor, encoding) => {
    cursor.skip(size === 'offset' ? encoding.offsetSize : size);
    return { kind: 'elsewhere' };
  },
});

const readUleb = (cursor: Cursor): number => cursor.uleb();
const readU8 = (cursor: Cursor): number => cursor.u8();
const readU16 = (cursor: Cursor): number => cursor.u16();
const readU32 = (cursor: Cursor): number => cursor.u32();

const forms: ReadonlyMap<number, Form> = new Map<number, Form>([
  [DW_FORM.addr, { size: 8, read: (cursor) => ({ kind: 'address', place: cursor.place() }) }],
  [DW_FORM.block2, block(readU16)],
  [DW_FORM.block4, block(readU32)],
  [DW_FORM.data2, constant(2, readU16)],
  [DW_FORM.data4, constantOrOffset(4)],
  [DW_FORM.data8, constantOrOffset(8)],
  [
    DW_FORM.string,
    { size: (cursor) => void cursor.string(), read: (cursor) => ({ kind: 'string', text: cursor.string() }) },
  ],
  [DW_FORM.block, block(readUleb)],
  [DW_FORM.block1, block(readU8)],
  [DW_FORM.data1, constant(1, readU8)],
  [DW_FORM.flag, constant(1, readU8)],
  [DW_FORM.sdata, constant(skipLeb, (cursor) => cursor.sleb())],
  [DW_FORM.strp, stringAt('.debug_str')],
  [DW_FORM.udata, constant(skipLeb, readUleb)],
  [
    DW_FORM.ref_addr,
    {
      size: 'refAddr',
      read: (cursor, encoding) => ({ kind: 'reference', target: cursor.target(refAddrSize(encoding)) }),
    },
  ],
  [DW_FORM.ref1, unitReference(1, readU8)],
  [DW_FORM.ref2, unitReference(2, readU16)],
  [DW_FORM.ref4, unitReference(4, readU32)],
  [DW_FORM.ref8, unitReference(8, (cursor) => cursor.u64())],
  [DW_FORM.ref_udata, unitReference(skipLeb, readUleb)],
  [
    DW_FORM.sec_offset,
    {
      size: 'offset',
      read: (cursor, encoding) => ({ kind: 'sectionOffset', target: cursor.target(encoding.offsetSize) }),
    },
  ],
  [DW_FORM.exprloc, block(readUleb)],
  [DW_FORM.flag_present, constant(0, () => 1)],
  [DW_FORM.strx, indexed('stringIndex', skipLeb, readUleb)],
  [DW_FORM.addrx, indexed('addressIndex', skipLeb, readUleb)],
  [DW_FORM.ref_sup4, elsewhere(4)],
  [DW_FORM.strp_sup, elsewhere('offset')],
  [DW_FORM.data16, elsewhere(16)],
  [DW_FORM.line_strp, stringAt('.debug_line_str')],
  [DW_FORM.ref_sig8, elsewhere(8)],
  [DW_FORM.loclistx, indexed('listIndex', skipLeb, readUleb)],
  [DW_FORM.rnglistx, indexed('listIndex', skipLeb, readUleb)],
  [DW_FORM.ref_sup8, elsewhere(8)],
  [DW_FORM.strx1, indexed('stringIndex', 1, readU8)],
  [DW_FORM.strx2, indexed('stringIndex', 2, readU16)],
  [DW_FORM.strx3, indexed('stringIndex', 3, u24)],
  [DW_FORM.strx4, indexed('stringIndex', 4, readU32)],
  [DW_FORM.addrx1, indexed('addressIndex', 1, readU8)],
  [DW_FORM.addrx2, indexed('addressIndex', 2, readU16)],
  [DW_FORM.addrx3, indexed('addressIndex', 3, u24)],
  [DW_FORM.addrx4, indexed('addressIndex', 4, readU32)],
  [DW_FORM.GNU_addr_index, indexed('addressIndex', skipLeb, readUleb)],
  [DW_FORM.GNU_str_index, indexed('stringIndex', skipLeb, readUleb)],
  [DW_FORM.GNU_ref_alt, elsewhere('offset')],
  [DW_FORM.GNU_strp_alt, elsewhere('offset')],
]);

const sizeIn = (size: Size, encoding: Encoding): number | null => {
  if (typeof size === 'number') return size;
  if (size === 'offset') return encoding.offsetSize;
  return size === 'refAddr' ? refAddrSize(encoding) : null;
};

/** Bytes that the form always takes; null if that depends on the value, or if the form is unknown. */
export const fixedSizeOf = (form: number, encoding: Encoding): number | null => {
  if (form === DW_FORM.implicit_const) return 0; // [DWARF5 7.5.3]: the value is in the abbreviation
  const known = forms.get(form);
  return known ? sizeIn(known.size, encoding) : null;
};

const formOf = (cursor: Cursor, form: number): Form =>
  forms.get(form) ?? cursor.fail(`attribute form 0x${form.toString(16)} is unknown`);

/** DW_FORM_indirect: the form precedes the value. An indirect indirect form is nonsense and would not end. */
const direct = (cursor: Cursor, form: number): number => (form === DW_FORM.indirect ? cursor.uleb() : form);

export const skipForm = (cursor: Cursor, form: number, encoding: Encoding): void => {
  if (form === DW_FORM.implicit_const) return;
  const { size } = formOf(cursor, direct(cursor, form));
  if (typeof size === 'function') size(cursor);
  else cursor.skip(sizeIn(size, encoding) ?? 0);
};

/** `implicit`: the value in the abbreviation, for DW_FORM_implicit_const. */
export const readForm = (
  cursor: RelocatedCursor,
  form: number,
  implicit: number,
  encoding: Encoding,
): FormValue => {
  if (form === DW_FORM.implicit_const) return { kind: 'constant', value: implicit };
  return formOf(cursor, direct(cursor, form)).read(cursor, encoding);
};

/** A section offset in any version: DWARF 2 and 3 write plain constants. */
export const targetOf = (value: FormValue | undefined): Target | null => {
  if (value?.kind === 'sectionOffset') return value.target;
  return value?.kind === 'constant' ? { section: null, offset: value.value } : null;
};

export const constantOf = (value: FormValue | undefined): number | null =>
  value?.kind === 'constant' ? value.value : null;
