// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Tables of a linked image whose fields hold distances or addresses: which
// relocation each field had. Distances are final, so nothing is looked up. What
// layout a table has is told by where its fields lead; one that fits none is
// given a single relocation, so that whoever reads it says that it is unknown.

import { type PatchTable, patchTableOf } from '../code/sections.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import { type Target, typeNamed } from './entries.js';
import type { Distance, Layout } from './layout.js';

/** A field of an entry: bytes from its start, its relocation, whether code has to be there. */
interface Field {
  readonly at: number;
  readonly type: 'PREL32' | 'PREL64' | 'ABS64';
  readonly isCode: boolean;
}

interface Form {
  readonly table: PatchTable;
  /** Bytes. */
  readonly entrySize: number;
  readonly fields: readonly Field[];
}

const code = (at: number, type: Field['type'] = 'PREL32'): Field => ({ at, type, isCode: true });
const any = (at: number, type: Field['type'] = 'PREL32'): Field => ({ at, type, isCode: false });

/** The layouts of code/table-layouts.ts, by what stands in them. Longer entries of a table are tried first. */
const forms: readonly Form[] = [
  { table: 'keys', entrySize: 24, fields: [code(0, 'ABS64'), code(8, 'ABS64'), any(16, 'ABS64')] },
  { table: 'keys', entrySize: 16, fields: [code(0), code(4), any(8, 'PREL64')] },
  { table: 'alternatives', entrySize: 12, fields: [code(0), any(4)] },
  { table: 'fixups', entrySize: 12, fields: [code(0), code(4)] },
  { table: 'fixups', entrySize: 8, fields: [code(0), code(4)] },
  { table: 'hyp-fixups', entrySize: 8, fields: [code(0), code(4)] },
];

export interface TableReader {
  readonly layout: Layout;
  /** What a slot of 64 bits holds; null for what is no address of the image. */
  readonly address: (slot: Distance) => Distance | null;
  readonly targetOf: (at: Distance) => Target;
  /** Whether anybody asks for the entries about code at an address: a kernel has tens of thousands. */
  readonly isWanted: (at: Distance) => boolean;
}

/** A patch table with the entries that are wanted, one behind the other. */
export interface RecoveredTable {
  readonly contents: Uint8Array;
  readonly entries: readonly Relocation[];
}

/** The patch tables of an image by the index of their sections. `object`: the image. */
export const recoverTables = (
  object: ObjectFile,
  { sections }: Layout,
  reader: TableReader,
): ReadonlyMap<number, RecoveredTable> =>
  new Map(
    sections.flatMap((section) => {
      const table = section.type === SHT.PROGBITS && section.size > 0 ? patchTableOf(section) : null;
      return table === null ? [] : [[section.index, recoverTable(object, section, table, reader)] as const];
    }),
  );

const recoverTable = (
  object: ObjectFile,
  section: Section,
  table: PatchTable,
  { layout, address, targetOf, isWanted }: TableReader,
): RecoveredTable => {
  const bytes = object.contents(section);
  const words = wordsOf(bytes);
  const start = layout.startOf(section);
  const valueAt = (at: number, type: Field['type']): Distance | null => {
    if (type === 'ABS64') return address(start + at);
    const low = words[at >>> 2] ?? 0;
    const distance = type === 'PREL32' ? low | 0 : low + ((words[(at >>> 2) + 1] ?? 0) | 0) * 2 ** 32;
    return start + at + distance;
  };
  const isCode = (at: Distance): boolean => ((layout.wholeOf(at)?.flags ?? 0) & SHF.EXECINSTR) !== 0;
  const leads = (at: number, { type, isCode: wantsCode }: Field): boolean => {
    const value = valueAt(at, type);
    return value !== null && (wantsCode ? isCode(value) : layout.wholeOf(value) !== null);
  };
  const fits = ({ entrySize, fields }: Form): boolean => {
    if (section.size % entrySize !== 0) return false;
    for (let entry = 0; entry < section.size; entry += entrySize)
      if (!fields.every((field) => leads(entry + field.at, field))) return false;
    return true;
  };
  const form = forms.find((one) => one.table === table && fits(one));
  if (!form)
    return { contents: bytes, entries: [{ offset: 0, type: typeNamed('ABS32'), symbol: 0, addend: 0 }] };
  const { entrySize, fields } = form;
  const entries: Relocation[] = [];
  const kept: Uint8Array[] = [];
  for (let entry = 0; entry < section.size; entry += entrySize) {
    const values = fields.map(({ at, type }) => valueAt(entry + at, type) ?? 0);
    if (!isWanted(values[0] ?? 0)) continue;
    const offset = kept.length * entrySize;
    fields.forEach(({ at, type }, index) => {
      entries.push({ offset: offset + at, type: typeNamed(type), ...targetOf(values[index] ?? 0) });
    });
    kept.push(bytes.subarray(entry, entry + entrySize));
  }
  return { contents: Buffer.concat(kept), entries };
};

/** `.hyp.reloc`: each entry is the distance to a slot. (v5.11 and later) */
export const hypSlotsOf = (object: ObjectFile, section: Section, layout: Layout): readonly Distance[] => {
  const start = layout.startOf(section);
  return [...wordsOf(object.contents(section))].map((distance, index) => start + index * 4 + (distance | 0));
};
