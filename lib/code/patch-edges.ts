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
import { isUnknown, readPatchRows } from './table-layouts.js';

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

/** Those of one section, as numbers: a large link has ten thousands. */
class OwnPatches {
  /** Of each: offset; index of the section and offset to which it leads, or twice NONE; length, or NONE. */
  readonly #numbers: number[] = [];

  add({ from, to, length }: OwnPatch): void {
    this.#numbers.push(from.offset, to?.section ?? NONE, to?.offset ?? NONE, length ?? NONE);
  }

  each(take: (from: number, to: OwnPlace | null, length: number | null) => void): void {
    const numbers = this.#numbers;
    for (let index = 0; index < numbers.length; index += 4) {
      const section = numbers[index + 1] ?? NONE;
      const length = numbers[index + 3] ?? NONE;
      const to = section === NONE ? null : { section, offset: numbers[index + 2] ?? NONE };
      take(numbers[index] ?? NONE, to, length === NONE ? null : length);
    }
  }
}

/** Neither a section's index nor a length. */
const NONE = -1;

/** By the section that is patched. */
type Patches = ReadonlyMap<number, OwnPatches>;

/** Those of hyp sections, and of all. */
const known = [new WeakMap<ObjectFile, Patches>(), new WeakMap<ObjectFile, Patches>()] as const;

const patchesOf = (object: ObjectFile, ofHypAlone: boolean): Patches => {
  const cache = known[ofHypAlone ? 0 : 1];
  let patches = cache.get(object);
  if (!patches) {
    const { hyp, patchTables } = sectionsOf(object);
    const of = ofHypAlone ? object.symbols.markedIn(hyp) : null;
    const bySection = new Map<number, OwnPatches>();
    for (const { section, table } of patchTables) {
      for (const patch of patchesIn(object, section, table, of)) {
        const own = bySection.get(patch.from.section) ?? new OwnPatches();
        bySection.set(patch.from.section, own);
        own.add(patch);
      }
    }
    patches = bySection;
    cache.set(object, patches);
  }
  return patches;
};

/**
 * Hands out the edges within a section, as offsets: control may go from the instruction at `from` to that at `to`. None from
 * a table of unknown layout, which is said elsewhere. `word`: the section's code at an offset.
 */
export const eachPatchEdge = (
  object: ObjectFile,
  section: Section,
  word: (offset: number) => number,
  take: (from: number, to: number) => void,
): void => {
  patchesOf(object, isHypSection(section))
    .get(section.index)
    ?.each((from, to, length) => {
      if (length === null && to?.section === section.index) take(from, to.offset);
      for (let step = 0; step < (length ?? 4); step += 4) {
        const at = from + step;
        take(at, at + 4);
        if (length === null || !to) continue;
        const target = branchTarget(object, { section: to.section, offset: to.offset + step }, section, word);
        if (target?.section === section.index) take(at, target.offset);
      }
    });
};

function* patchesIn(
  object: ObjectFile,
  section: Section,
  table: PatchTable,
  of: Uint8Array | null,
): Generator<OwnPatch> {
  const { symbols } = object;
  const resolve = (symbol: number, addend: number): OwnPlace => ({
    section: symbols.section(symbol),
    offset: symbols.value(symbol) + addend,
  });
  if (table === 'alternatives') {
    const entries = readAlternatives(object, section, resolve, of);
    if (isUnknown(entries)) return;
    for (const { original, replacement, length } of entries)
      yield { from: original, to: replacement, length };
    return;
  }
  const rows = readPatchRows(object, section, table, resolve, of);
  if (isUnknown(rows)) return;
  for (let row = 0; row < rows.count; row++) {
    const from = rows.place(row, 0);
    const to = rows.place(row, 1);
    if (from && to) yield { from, to, length: null };
  }
}

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
