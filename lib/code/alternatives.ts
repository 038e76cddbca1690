// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// struct alt_instr: which instructions the kernel replaces at boot, with what,
// and on which machines. Unchanged from 4.16 to 6.12: s32 orig_offset and s32
// alt_offset, each relative to its own field, u16 feature, u8 orig_len, u8
// alt_len. An entry with alt_len 0 or with a callback names a function of the
// host, not code.

import { Cursor } from '../elf/cursor.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { isUnknown, readPatchRows, type UnknownTable } from './table-layouts.js';

/** Offset of the feature in an entry. */
const FEATURE_OFFSET = 8;
/** ARM64_CB_BIT, seen from 6.1 on (5.17 has none yet): a callback; the other bits are the capability's number. */
const CALLBACK_BIT = 0x8000;

/** Instructions that may be replaced. */
export interface AlternativeEntry<Target> {
  readonly original: Target;
  /** Bytes; a multiple of 4. */
  readonly length: number;
  /** The number of the capability under which they are; null: always, by a callback (older kernels). */
  readonly capability: number | null;
  /** The new code, as long as the old; null: a callback of the host writes it. */
  readonly replacement: Target | null;
}

/** A table's entries; `resolve` and `of`: see readPatchRows. */
export const readAlternatives = <Target>(
  object: ObjectFile,
  section: Section,
  resolve: (symbol: number, addend: number) => Target | undefined,
  of: Uint8Array | null = null,
): readonly AlternativeEntry<Target>[] | UnknownTable => {
  const rows = readPatchRows(object, section, 'alternatives', resolve, of);
  if (isUnknown(rows)) return rows;
  const rest = new Cursor(object.contents(section), { file: object.path, section: section.name, base: 0 });
  const alternatives: AlternativeEntry<Target>[] = [];
  for (let row = 0; row < rows.count; row++) {
    const original = rows.place(row, 0);
    const replacement = rows.place(row, 1);
    if (original === undefined || replacement === undefined) continue;
    rest.offset = rows.offset(row) + FEATURE_OFFSET;
    const feature = rest.u16();
    const length = rest.u8();
    const isCallback = rest.u8() === 0 || (feature & CALLBACK_BIT) !== 0;
    alternatives.push({
      original,
      length,
      // Without bit 15, a callback's feature is one past the last capability: it always runs.
      capability: isCallback && (feature & CALLBACK_BIT) === 0 ? null : feature & ~CALLBACK_BIT,
      replacement: isCallback ? null : replacement,
    });
  }
  return alternatives;
};
