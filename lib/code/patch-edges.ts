// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control may go because the kernel changes its own code at boot, or mends
// a fault: a static key's site is a NOP or a branch, an alternative puts a branch
// where there was none or takes one away, and a faulting instruction goes on at
// its fixup. The words of a section do not show any of this.

import { decodeBranch } from '../aarch64/instructions.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { readAlternatives } from './alternatives.js';
import { sectionsOf } from './object-sections.js';
import { relocationsOf } from './relocations.js';
import { isHypSection, type PatchTable } from './sections.js';
import { isUnknown, readPatchTable } from './table-layouts.js';

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

/** By the section that is patched. */
type Patches = ReadonlyMap<number, readonly OwnPatch[]>;

/** Those of hyp sections, and of all. */
const known = [new WeakMap<ObjectFile, Patches>(), new WeakMap<ObjectFile, Patches>()] as const;

const patchesOf = (object: ObjectFile, ofHypAlone: boolean): Patches => {
  const cache = known[ofHypAlone ? 0 : 1];
  let patches = cache.get(object);
  if (!patches) {
    const { hyp, patchTables } = sectionsOf(object);
    const of = ofHypAlone ? object.symbols.markedIn(hyp) : null;
    const bySection = new Map<number, OwnPatch[]>();
    for (const { section, table } of patchTables) {
      for (const patch of patchesIn(object, section, table, of)) {
        const list = bySection.get(patch.from.section);
        if (list) list.push(patch);
        else bySection.set(patch.from.section, [patch]);
      }
    }
    patches = bySection;
    cache.set(object, patches);
  }
  return patches;
};

/**
 * The edges within a section; none from a table of unknown layout, which is said elsewhere. `word`: the section's code at
 * an offset.
 */
export const patchEdgesOf = (
  object: ObjectFile,
  section: Section,
  word: (offset: number) => number,
): readonly PatchEdge[] => {
  const edges: PatchEdge[] = [];
  const add = (from: number, to: OwnPlace | null): void => {
    if (to?.section === section.index) edges.push([from, to.offset]);
  };
  const patches = patchesOf(object, isHypSection(section)).get(section.index) ?? [];
  for (const { from, to, length } of patches) {
    if (length === null) add(from.offset, to);
    for (let step = 0; step < (length ?? 4); step += 4) {
      edges.push([from.offset + step, from.offset + step + 4]);
      if (length !== null && to)
        add(from.offset + step, branchTarget(object, { ...to, offset: to.offset + step }, section, word));
    }
  }
  return edges;
};

const patchesIn = (
  object: ObjectFile,
  section: Section,
  table: PatchTable,
  of: Uint8Array | null,
): readonly OwnPatch[] => {
  const { symbols } = object;
  const resolve = (symbol: number, addend: number): OwnPlace => ({
    section: symbols.section(symbol),
    offset: symbols.value(symbol) + addend,
  });
  if (table === 'alternatives') {
    const entries = readAlternatives(object, section, resolve, of);
    if (isUnknown(entries)) return [];
    return entries.map(({ original, replacement, length }) => ({ from: original, to: replacement, length }));
  }
  const entries = readPatchTable(object, section, table, resolve, of);
  if (isUnknown(entries)) return [];
  return entries.flatMap(({ places: [from, to] }) => (from && to ? [{ from, to, length: null }] : []));
};

/** Where a jump in replacement code leads to once it was copied, or null. */
const branchTarget = (
  object: ObjectFile,
  { section: index, offset }: OwnPlace,
  patched: Section,
  wordOfPatched: (offset: number) => number,
): OwnPlace | null => {
  const section = object.sections[index];
  if (!section || offset < 0 || offset + 4 > object.sizeOf(section)) return null;
  // From 5.8 on, replacement code is in the section that it replaces code of.
  const isOwn = section === patched && offset % 4 === 0;
  const word = isOwn ? wordOfPatched(offset) : (wordsOf(object.read(section, offset, 4))[0] ?? 0);
  const branch = decodeBranch(word);
  if (branch?.kind !== 'jump' && branch?.kind !== 'conditional') return null;
  const patch = relocationsOf(object, section).at(offset);
  if (patch) {
    const { symbols } = object;
    return { section: symbols.section(patch.symbol), offset: symbols.value(patch.symbol) + patch.addend };
  }
  return branch.displacement === null ? null : { section: index, offset: offset + branch.displacement };
};
