// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The tables by which the kernel rewrites its own code at boot: static keys,
// alternatives, and where an instruction that faults goes on. Each layout is a
// row, and one reader serves all. The layout of a table is recognised by its
// relocations, not by a version; a table that fits no row is reported as unknown
// and never read as another.
//
// Odd: the relocation of a relative field is against the field's own place, so
// S + A is the place that is meant, whatever the width.

import { relocationName } from '../aarch64/relocation-types.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { sectionsOf } from './object-sections.js';
import type { PatchTable } from './sections.js';

interface Layout {
  readonly tables: readonly PatchTable[];
  /** Bytes. */
  readonly entrySize: number;
  /** Offsets in the entry of the fields that hold a place, and their relocations. */
  readonly fields: readonly number[];
  readonly types: readonly string[];
  readonly seen: readonly string[];
}

/** A table has the first layout that all of its entries fit. */
const layouts: readonly Layout[] = [
  // struct jump_entry: code, target, key | branch.
  {
    tables: ['keys'],
    entrySize: 24,
    fields: [0, 8, 16],
    types: ['ABS64', 'ABS64', 'ABS64'],
    seen: ['4.16'],
  },
  {
    tables: ['keys'],
    entrySize: 16,
    fields: [0, 4, 8],
    types: ['PREL32', 'PREL32', 'PREL64'],
    seen: ['5.4', '5.6', '6.12'],
  },
  // struct alt_instr: orig_offset, alt_offset, u16 cpufeature, u8 orig_len, u8 alt_len.
  {
    tables: ['alternatives'],
    entrySize: 12,
    fields: [0, 4],
    types: ['PREL32', 'PREL32'],
    seen: ['4.16', '5.4', '5.6', '6.1', '6.12'],
  },
  // struct exception_table_entry: insn, fixup; from 5.16 on with a type and its data, but not in hyp code's.
  {
    tables: ['fixups', 'hyp-fixups'],
    entrySize: 8,
    fields: [0, 4],
    types: ['PREL32', 'PREL32'],
    seen: ['4.16', '5.4', '6.1', '6.12'],
  },
  {
    tables: ['fixups'],
    entrySize: 12,
    fields: [0, 4],
    types: ['PREL32', 'PREL32'],
    seen: ['6.1', '6.12'],
  },
];

/** A table that no row describes. */
export interface UnknownTable {
  readonly object: ObjectFile;
  readonly section: Section;
  /** The first entry that does not fit. */
  readonly offset: number;
}

export const isUnknown = (read: object): read is UnknownTable => 'section' in read;

/** The entries of a table, of which each field is read when it is asked for; `Target`: what a reader makes of a place. */
export interface PatchRows<Target> {
  readonly count: number;
  /** Of an entry in the table. */
  readonly offset: (row: number) => number;
  /** Of a field of the layout; undefined: it leads nowhere, or the reader has no use for it. */
  readonly place: (row: number, field: number) => Target | undefined;
}

/**
 * The entries of a table. `resolve` makes a place of a relocation's symbol and addend; undefined if the reader has no use
 * for it. `of`: only entries whose first field, what is patched, is of one of these symbols, by number, are wanted (1); a
 * kernel patches thousands of places, few of them in hyp code.
 */
export const readPatchRows = <Target>(
  object: ObjectFile,
  section: Section,
  table: PatchTable,
  resolve: (symbol: number, addend: number) => Target | undefined,
  of: Uint8Array | null = null,
): PatchRows<Target> | UnknownTable => {
  const regular = readRegular(object, section, table, resolve, of);
  if (regular) return regular;
  const fields = new Map<number, { readonly type: string; readonly target: Target | undefined }>();
  for (const rela of object.relocationSections(section)) {
    for (const entries of object.relocationChunks(rela)) {
      for (let index = 0; index < entries.count; index++) {
        const type = relocationName(entries.type(index));
        if (type === 'NONE') continue;
        const target = resolve(entries.symbol(index), entries.addend(index));
        fields.set(entries.offset(index), { type, target });
      }
    }
  }
  // After the last relocation there are no entries, however large a damaged header says that the table is.
  const end = Math.min(
    section.size,
    [...fields.keys()].reduce((last, at) => Math.max(last, at + 1), 0),
  );
  let offset = 0;
  for (const layout of layouts) {
    if (!layout.tables.includes(table)) continue;
    const misfit = firstMisfit(layout, section.size, end, (at) => fields.get(at)?.type ?? null);
    if (misfit !== null) {
      offset = Math.max(offset, misfit);
      continue;
    }
    const { entrySize, fields: offsets } = layout;
    return {
      count: Math.ceil(end / entrySize),
      offset: (row) => row * entrySize,
      // An entry about discarded code leads nowhere.
      place: (row, field) => fields.get(row * entrySize + (offsets[field] as number))?.target,
    };
  }
  return { object, section, offset };
};

/**
 * The same for a table in which all is where a layout has it, as linkers write it: its wanted entries are found by their
 * place among the relocations. null: it is not such a table, and has to be read whole.
 */
const readRegular = <Target>(
  object: ObjectFile,
  section: Section,
  table: PatchTable,
  resolve: (symbol: number, addend: number) => Target | undefined,
  of: Uint8Array | null,
): PatchRows<Target> | null => {
  const [rela, second] = object.relocationSections(section);
  const layout = layouts.find((one) => one.tables.includes(table) && fits(one, object, section));
  if (!rela || second || !layout) return null;
  const { fields, types, entrySize } = layout;
  const each = fields.length;
  const relocations = object.relocations(rela);
  const numbers = types.map((type, index) => {
    const number = relocations.type(index);
    return relocationName(number) === type ? number : null;
  });
  const isInPlace = (entry: number, index: number): boolean => {
    const at = entry * each + index;
    const offset = entry * entrySize + (fields[index] as number);
    return relocations.offset(at) === offset && relocations.type(at) === numbers[index];
  };
  const count = relocations.count / each;
  const rows = of ? rowsOf(relocations.entriesOf(of), each, isInPlace) : null;
  if (of && !rows) return null;
  // Without a filter, all of them.
  for (let row = 0; !of && row < count; row++)
    for (let index = 0; index < each; index++) if (!isInPlace(row, index)) return null;
  const entryOf = (row: number): number => (rows ? (rows[row] as number) : row);
  return {
    count: rows ? rows.length : count,
    offset: (row) => entryOf(row) * entrySize,
    place: (row, field) => {
      const at = entryOf(row) * each + field;
      return resolve(relocations.symbol(at), relocations.addend(at));
    },
  };
};

/**
 * The entries of a table whose first field is one of some relocations, by number, with `each` for an entry. null: one of
 * these relocations is not in place, or another field of such an entry is not.
 */
const rowsOf = (
  wanted: readonly number[],
  each: number,
  isInPlace: (entry: number, index: number) => boolean,
): Uint32Array | null => {
  let count = 0;
  for (const at of wanted) {
    const index = at % each;
    const entry = (at - index) / each;
    const end = index === 0 ? each : index + 1;
    for (let one = index; one < end; one++) if (!isInPlace(entry, one)) return null;
    if (index === 0) count++;
  }
  const rows = new Uint32Array(count);
  let row = 0;
  for (const at of wanted) if (at % each === 0) rows[row++] = at / each;
  return rows;
};

/**
 * The tables of one kind that fit no layout. If the number of relocations already fits a layout, nothing else is read:
 * layouts of one kind differ in it.
 */
export const unknownTablesOf = (object: ObjectFile, kind: PatchTable): readonly UnknownTable[] =>
  sectionsOf(object).patchTables.flatMap(({ section, table }) => {
    if (
      table !== kind ||
      layouts.some((layout) => layout.tables.includes(table) && fits(layout, object, section))
    )
      return [];
    const read = readPatchRows(object, section, table, () => undefined);
    return isUnknown(read) ? [read] : [];
  });

const fits = ({ entrySize, fields }: Layout, object: ObjectFile, section: Section): boolean => {
  const relocations = object
    .relocationSections(section)
    .reduce((sum, rela) => sum + object.relocationCount(rela), 0);
  return section.size % entrySize === 0 && relocations === (section.size / entrySize) * fields.length;
};

/** The first entry whose fields are not relocated as the layout says; entries without any relocation mean nothing. */
const firstMisfit = (
  { entrySize, fields, types: wanted }: Layout,
  size: number,
  end: number,
  typeAt: (offset: number) => string | null,
): number | null => {
  for (let at = 0; at < end && at + entrySize <= size; at += entrySize) {
    const types = fields.map((field) => typeAt(at + field));
    if (types.every((type) => type === null)) {
      let stray = false;
      for (let offset = 0; offset < entrySize; offset += 4) stray ||= typeAt(at + offset) !== null;
      if (stray) return at;
      continue;
    }
    if (types.some((type, index) => type !== wanted[index])) return at;
  }
  return size % entrySize === 0 ? null : size - (size % entrySize);
};
