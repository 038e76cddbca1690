// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the host's code and data of a linked image say of addresses: branches into
// hyp code, and where VHE shares that code (up to 5.8), every address, since the
// walk goes through host code too. Host code is megabytes, so this is a scan: a
// page is followed down its straight line only.

import { formsAddress, lowBits, type PlacedAddress, placedAddress } from '../aarch64/address-fields.js';
import {
  directDisplacement,
  isDirectBranch,
  isRegisterBranch,
  mayBeDirectBranch,
  secondRegister,
} from '../aarch64/finished-code.js';
import { baseRegister, decodeBranch, endsFlow, resultRegister, writes } from '../aarch64/instructions.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import { type Target, typeNamed } from './entries.js';
import type { Distance, Layout } from './layout.js';
import { pageOf } from './stubs.js';

export interface HostReader {
  readonly layout: Layout;
  readonly targetOf: (at: Distance) => Target;
  /** Addresses are asked for, not only branches into hyp code. */
  readonly wantsAddresses: boolean;
  readonly pageOffset: number;
}

/** Bytes that are read at once. */
const PIECE = 1 << 18;
/** Instructions behind an ADRP in which its low bits are looked for. */
const REACH = 64;

/** Relocations of host code; `object`: with the layout's sections. */
export const recoverHostCode = (
  object: ObjectFile,
  section: Section,
  reader: HostReader,
): readonly Relocation[] => {
  const { layout, targetOf, wantsAddresses, pageOffset } = reader;
  const entries: Relocation[] = [];
  const start = layout.startOf(section);
  const add = (offset: number, type: string, at: Distance): void => {
    entries.push({ offset, type: typeNamed(type), ...targetOf(at) });
  };
  const addDirect = (offset: number, { type, displacement }: PlacedAddress): void => {
    const to = start + offset + displacement;
    const spot = layout.spotOf(to);
    if (spot && spot.section.index !== section.index && !isOwn(layout, start + offset, section))
      add(offset, type, to);
  };
  const leaving = leavesOf(layout, section);
  const size = object.sizeOf(section);
  const buffer = new Uint8Array(Math.min(PIECE + REACH * 4, size));
  for (let piece = 0; piece < size; piece += PIECE) {
    const words = wordsOf(object.read(section, piece, Math.min(PIECE + REACH * 4, size - piece), buffer));
    const count = Math.min(words.length, PIECE / 4);
    for (const index of branchesIn(words, count, piece, leaving)) {
      const placed = placedAddress(words[index] ?? 0);
      if (placed) addDirect(piece + index * 4, placed);
    }
    for (let index = 0; wantsAddresses && index < count; index++) {
      const word = words[index] ?? 0;
      const placed = formsAddress(word) ? placedAddress(word) : null;
      const offset = piece + index * 4;
      if (!placed || isOwn(layout, start + offset, section)) continue;
      if (placed.type === 'ADR_PREL_LO21') {
        addDirect(offset, placed);
        continue;
      }
      const page = pageOf(start + offset, placed.displacement, pageOffset);
      completionsOf(words, index).forEach((low, nth) => {
        if (nth === 0) add(offset, 'ADR_PREL_PG_HI21', page + low.value);
        add(piece + low.index * 4, low.type, page + low.value);
      });
    }
  }
  return entries;
};

/** Offsets in a section behind which other parts begin: inside of it, and behind its end. */
interface Leaving {
  readonly lowest: number;
  readonly highest: number;
  readonly end: number;
}

const leavesOf = (layout: Layout, section: Section): Leaving => {
  const start = layout.startOf(section);
  const inner = layout.cuts.filter((cut) => cut.section.index !== section.index);
  return {
    lowest: Math.min(...inner.map((cut) => cut.start)) - start,
    highest: Math.max(...inner.map((cut) => cut.end)) - start,
    end: section.size,
  };
};

/** Which of the words are branches to other parts. By itself, since it sees millions: V8 makes it fast. */
const branchesIn = (
  words: Uint32Array,
  count: number,
  offset: number,
  { lowest, highest, end }: Leaving,
): readonly number[] => {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    const word = words[index] ?? 0;
    if (!mayBeDirectBranch(word) || !isDirectBranch(word)) continue;
    const to = offset + index * 4 + directDisplacement(word);
    if ((to >= lowest && to < highest) || to >= end || to < 0) found.push(index);
  }
  return found;
};

/** An instruction that belongs to a part of its own, not to the section around. */
const isOwn = (layout: Layout, at: Distance, section: Section): boolean =>
  layout.spotOf(at)?.section.index !== section.index;

/** What adds low bits to the page that the ADRP at `from` makes, on the straight line behind it. */
const completionsOf = (
  words: Uint32Array,
  from: number,
): readonly { readonly index: number; readonly type: string; readonly value: number }[] => {
  const register = resultRegister(words[from] ?? 0);
  const found: { index: number; type: string; value: number }[] = [];
  for (let index = from + 1; index < from + REACH && index < words.length; index++) {
    const word = words[index] ?? 0;
    const low = baseRegister(word) === register ? lowBits(word) : null;
    if (low) found.push({ index, type: low.type, value: low.value });
    const mayWrite = resultRegister(word) === register || secondRegister(word) === register;
    if (mayWrite && writes(word, register)) break;
    const branch = isDirectBranch(word) || isRegisterBranch(word) ? decodeBranch(word) : null;
    if (branch && (endsFlow(branch) || (branch.kind !== 'conditional' && register <= 18))) break;
  }
  return found;
};

/** What is asked of data. */
export interface DataReader extends Pick<HostReader, 'layout' | 'targetOf'> {
  /** Slots that the image tells of; null: every word that could be one. */
  readonly listed: readonly Distance[] | null;
  readonly address: (slot: Distance) => Distance | null;
  /** Whether an address that stands in a slot matters to anybody. */
  readonly isWanted: (value: Distance) => boolean;
}

/** Slots of data that hold addresses. */
export const recoverData = (
  object: ObjectFile,
  section: Section,
  { layout, targetOf, listed, address, isWanted }: DataReader,
): readonly Relocation[] => {
  const entries: Relocation[] = [];
  const start = layout.startOf(section);
  const add = (slot: Distance): void => {
    const value = address(slot);
    if (value === null || !isWanted(value) || isOwn(layout, slot, section)) return;
    entries.push({ offset: slot - start, type: typeNamed('ABS64'), ...targetOf(value) });
  };
  if (listed) {
    for (const slot of listed) add(slot);
    return entries;
  }
  const base = Number(layout.base >> 32n);
  const size = object.sizeOf(section);
  const skew = (8 - Number(section.address & 7n)) % 8;
  for (let piece = skew; piece < size; piece += PIECE) {
    const words = wordsOf(object.read(section, piece, Math.min(PIECE, size - piece)));
    for (let index = 1; index < words.length; index += 2) {
      const high = words[index] ?? 0;
      if (high !== base && high !== base + 1) continue;
      if (isWanted(layout.distanceOfWords(words[index - 1] ?? 0, high))) add(start + piece + (index - 1) * 4);
    }
  }
  return entries;
};
