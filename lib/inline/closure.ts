// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an out-of-line function calls: once it is inlined into hyp code, hyp code
// makes these calls. Branches within a section mostly have no relocation, so
// instructions are read as well. If the function was walked, calls that only VHE
// executes are left out, as they would be in hyp code.

import { decodeBranch } from '../aarch64/instructions.js';
import { isBranchRelocation } from '../aarch64/relocation-types.js';
import type { Cover } from '../code/covers.js';
import { coverAt } from '../code/functions.js';
import { relocationsOf } from '../code/relocations.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';

/** A called function: where it starts, or its name if no input defines it. */
export interface Callee {
  readonly name: string;
  readonly place: Place | null;
}

/** Whether a machine without VHE executes any of place .. end (exclusive); true if that cannot be told. */
export type IsExecuted = (place: Place, end: number) => boolean;

interface Branch extends Callee {
  /** Bytes from the start of the section. */
  readonly at: number;
}

/** The places to which the instructions place .. end branch, as far as they tell: S + A, or the displacement. */
function* branchTargets(image: Image, place: Place, end: number): Generator<Branch> {
  const { object, section } = place;
  const relocated = new Set<number>();
  for (const { offset: at, type, symbol, addend } of relocationsOf(object, section).within(
    place.offset,
    end,
  )) {
    if (!isBranchRelocation(type)) continue;
    relocated.add(at);
    const target = image.resolve(object, symbol, addend);
    if (target.kind === 'place') yield { name: '', place: target.place, at };
    else yield { name: target.name, place: null, at };
  }
  for (const [index, word] of wordsOf(object.read(section, place.offset, end - place.offset)).entries()) {
    const at = place.offset + index * 4;
    const displacement = relocated.has(at) ? null : (decodeBranch(word)?.displacement ?? null);
    if (displacement !== null) yield { name: '', place: { ...place, offset: at + displacement }, at };
  }
}

/**
 * Names of the functions that code of a section calls or jumps to, other than its own. Read once from end to end, since
 * functions may overlap.
 */
export const calledFrom = (image: Image, object: ObjectFile, section: Section): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { at, name, place } of branchTargets(
    image,
    { object, section, offset: 0 },
    object.sizeOf(section),
  )) {
    const callee = sourceName(place === null ? name : (coverAt(place)?.name ?? ''));
    const caller = coverAt({ object, section, offset: at });
    if (callee !== '' && (caller === null || callee !== sourceName(caller.name))) names.add(callee);
  }
  return names;
};

/** The functions that the function at a place calls or jumps to, each once, without its own parts. */
export const calleesOf = (image: Image, place: Place, isExecuted: IsExecuted): readonly Callee[] => {
  const found = new Map<string, Callee>();
  const done = new Set<string>();
  const keyOf = (at: Place, cover: Cover): string => `${at.object.path} ${at.section.index} ${cover.start}`;
  const follow = (at: Place, cover: Cover): void => {
    if (!Number.isFinite(cover.end) || done.has(keyOf(at, cover))) return;
    done.add(keyOf(at, cover));
    const start = { ...at, offset: cover.start };
    const isFollowed = isExecuted(start, cover.start + 4);
    for (const { at: site, ...callee } of branchTargets(image, start, cover.end)) {
      if (isFollowed && !isExecuted({ ...at, offset: site }, site + 4)) continue;
      if (callee.place === null) {
        found.set(callee.name, callee);
        continue;
      }
      const other = coverAt(callee.place);
      if (!other) continue;
      // f.cold and f.part.0 are f.
      if (sourceName(other.name) === sourceName(cover.name)) follow(callee.place, other);
      else {
        const target = { ...callee.place, offset: other.start };
        found.set(keyOf(target, other), { name: other.name, place: target });
      }
    }
  };
  const cover = coverAt(place);
  if (cover) follow(place, cover);
  return [...found.values()];
};
