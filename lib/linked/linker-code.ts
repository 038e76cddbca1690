// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a linker put into hyp code, taken out again: an instruction that it moved
// for an erratum goes back to where it was, veneers and stubs become empty, and
// where a branch went through a veneer is noted.

import { placedAddress } from '../aarch64/address-fields.js';
import { NOP } from '../aarch64/instructions.js';
import { useOf } from './entries.js';
import type { Distance } from './layout.js';
import { behindPad, erratumStubAt, type ImageWords, type Veneer, veneerAt } from './stubs.js';

interface LinkedCode {
  readonly start: Distance;
  readonly image: ImageWords;
  /** An instruction of the image stands at an offset. */
  readonly isCode: (offset: number) => boolean;
  /** A function goes on at an offset: a compiler's own code may look like a linker's. */
  readonly isInFunction: (offset: number) => boolean;
}

export interface TakenOut {
  /** By the offset of the branch. */
  readonly veneers: ReadonlyMap<number, Veneer>;
  /** Offsets of words that are the linker's. */
  readonly taken: ReadonlySet<number>;
}

/** Veneers behind each other: a target may have a landing pad of its own (BTI). */
const MOST_HOPS = 4;

/** Changes `words`, those of a section. */
export const takeOutLinkerCode = (
  words: Uint32Array,
  { start, image, isCode, isInFunction }: LinkedCode,
): TakenOut => {
  const taken = new Set<number>();
  const veneers = new Map<number, Veneer>();
  const size = words.length * 4;
  const isInside = (at: Distance): boolean => at >= start && at < start + size;
  const mayBeLinkers = (at: Distance): boolean => !isInside(at) || !isInFunction(at - start);
  const takeOut = (offset: number, length: number): void => {
    for (let at = offset; at < offset + length; at += 4) {
      taken.add(at);
      words[at >>> 2] = 0;
    }
  };
  /** Branches, with where they go. */
  function* branches(): Generator<readonly [offset: number, at: Distance, isJump: boolean]> {
    for (let offset = 0; offset < size; offset += 4) {
      const placed = isCode(offset) && !taken.has(offset) ? placedAddress(words[offset >>> 2] ?? 0) : null;
      if (placed && useOf(placed.type) === 'branch')
        yield [offset, start + offset + placed.displacement, placed.type === 'JUMP26'];
    }
  }

  for (const [offset, at, isJump] of branches()) {
    const isNear = isJump && isInside(at) && mayBeLinkers(at);
    const stub = isNear ? erratumStubAt(image, start + offset, at) : null;
    if (!stub) continue;
    words[offset >>> 2] = image.word(at);
    takeOut(at - start, stub.size);
  }
  for (const [offset, at, isJump] of branches()) {
    const stub = isJump && !isInside(at) ? erratumStubAt(image, start + offset, at) : null;
    // A stub that is not among hyp code: control leaves it.
    const far: Veneer | null = stub && { ...stub, target: at, kind: 'erratum', isAbsolute: false };
    const veneer = (mayBeLinkers(at) ? throughVeneers(image, at) : null) ?? far;
    if (!veneer) continue;
    veneers.set(offset, veneer);
    if (isInside(at)) takeOut(at - start, veneer.size);
  }
  // GNU ld leads what would fall into its stubs around them.
  for (const [offset, at, isJump] of branches()) {
    const end = at - start;
    const isBefore = taken.has(offset + 4) || taken.has(offset + 8);
    if (!isJump || !isBefore || end <= offset || end > size) continue;
    let isOver = true;
    for (let inner = offset + 4; inner < end && isOver; inner += 4)
      isOver = taken.has(inner) || words[inner >>> 2] === NOP || words[inner >>> 2] === 0;
    if (isOver) takeOut(offset, 4);
  }
  return { veneers, taken };
};

const throughVeneers = (image: ImageWords, at: Distance): Veneer | null => {
  let veneer = veneerAt(image, at);
  for (let hop = 0; veneer && hop < MOST_HOPS; hop++) {
    const next = veneerAt(image, veneer.target);
    if (!next) break;
    veneer = { ...veneer, target: next.target, isAbsolute: veneer.isAbsolute || next.isAbsolute };
  }
  return veneer && { ...veneer, target: behindPad(image, veneer.target) };
};
