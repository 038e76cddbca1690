// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control may go because the kernel changes its own code at boot, or mends
// a fault: a static key's site is a NOP or a branch, an alternative puts a branch
// where there was none or takes one away, and a faulting instruction goes on at
// its fixup. The words of a section do not show any of this.

import { decodeBranch } from '../aarch64/instructions.js';
import { Cursor } from '../elf/cursor.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { readAlternatives } from './alternatives.js';
import { relocationsOf } from './relocations.js';
import type { PatchTable } from './sections.js';
import { isUnknown, patchTablesIn, readPatchTable } from './table-layouts.js';

/** Offsets in one section: control may go from the instruction at the first one to the second. */
export type PatchEdge = readonly [from: number, to: number];

/** A place of the object itself. */
interface OwnPlace {
  /** The section's index. */
  readonly section: number;
  readonly offset: number;
}

/** An entry of a table: what it changes, and where that leads to. */
interface OwnPatch {
  readonly from: OwnPlace;
  /** Of a static key's branch and of a fixup: the target. Of an alternative: its replacement code, or null. */
  readonly to: OwnPlace | null;
  /** Bytes that an alternative changes; null for the others. */
  readonly length: number | null;
}

const known = new WeakMap<ObjectFile, readonly OwnPatch[]>();

/** The edges within a section; none from a table of unknown layout, which is said elsewhere. */
export const patchEdgesOf = (object: ObjectFile, section: Section): readonly PatchEdge[] => {
  let patches = known.get(object);
  if (!patches) {
    patches = patchTablesIn(object).flatMap(({ section: table, table: kind }) =>
      patchesIn(object, table, kind),
    );
    known.set(object, patches);
  }
  const edges: PatchEdge[] = [];
  const add = (from: number, to: OwnPlace | null): void => {
    if (to?.section === section.index) edges.push([from, to.offset]);
  };
  for (const { from, to, length } of patches) {
    if (from.section !== section.index) continue;
    if (length === null) add(from.offset, to);
    for (let step = 0; step < (length ?? 4); step += 4) {
      edges.push([from.offset + step, from.offset + step + 4]);
      if (length !== null && to)
        add(from.offset + step, branchTarget(object, { ...to, offset: to.offset + step }));
    }
  }
  return edges;
};

const patchesIn = (object: ObjectFile, section: Section, table: PatchTable): readonly OwnPatch[] => {
  const { symbols } = object;
  const resolve = (symbol: number, addend: number): OwnPlace => ({
    section: symbols.section(symbol),
    offset: symbols.value(symbol) + addend,
  });
  if (table === 'alternatives') {
    const entries = readAlternatives(object, section, resolve);
    if (isUnknown(entries)) return [];
    return entries.map(({ original, replacement, length }) => ({ from: original, to: replacement, length }));
  }
  const entries = readPatchTable(object, section, table, resolve);
  if (isUnknown(entries)) return [];
  return entries.flatMap(({ places: [from, to] }) => (from && to ? [{ from, to, length: null }] : []));
};

/** Where a jump in replacement code leads to once it was copied, or null. */
const branchTarget = (object: ObjectFile, { section: index, offset }: OwnPlace): OwnPlace | null => {
  const section = object.sections[index];
  if (!section || offset < 0 || offset + 4 > object.sizeOf(section)) return null;
  const context = { file: object.path, section: section.name, base: offset };
  const branch = decodeBranch(new Cursor(object.read(section, offset, 4), context).u32());
  if (branch?.kind !== 'jump' && branch?.kind !== 'conditional') return null;
  const patch = relocationsOf(object, section).at(offset);
  if (patch) {
    const { symbols } = object;
    return { section: symbols.section(patch.symbol), offset: symbols.value(patch.symbol) + patch.addend };
  }
  return branch.displacement === null ? null : { section: index, offset: offset + branch.displacement };
};
