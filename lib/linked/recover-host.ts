// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the host's code and data of a linked image say of addresses: branches into
// hyp code, and where VHE shares that code (up to 5.8), every address, since the
// walk goes through host code too. Host code is megabytes, so this is a scan: a
// page is followed down its straight line only.

import { formsAddress, lowBits, placedAddress } from '../aarch64/address-fields.js';
import {
  directDisplacement,
  isDirectBranch,
  isRegisterBranch,
  secondRegister,
} from '../aarch64/finished-code.js';
import {
  baseRegister,
  decodeBranch,
  endsFlow,
  registersWritten,
  resultRegister,
} from '../aarch64/instructions.js';
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
const PIECE = 1 << 20;
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
  const inner = layout.cuts.filter((cut) => cut.section.index !== section.index);
  const [lowest, highest] = [
    Math.min(...inner.map((cut) => cut.start)) - start,
    Math.max(...inner.map((cut) => cut.end)) - start,
  ];
  const end = start + section.size;
  const add = (offset: number, type: string, at: Distance): void => {
    entries.push({ offset, type: typeNamed(type), ...targetOf(at) });
  };
  const size = object.sizeOf(section);
  for (let piece = 0; piece < size; piece += PIECE) {
    const words = wordsOf(object.read(section, piece, Math.min(PIECE + REACH * 4, size - piece)));
    const count = Math.min(words.length, PIECE / 4);
    for (let index = 0; index < count; index++) {
      const word = words[index] ?? 0;
      const offset = piece + index * 4;
      if (isDirectBranch(word)) {
        const to = offset + directDisplacement(word);
        const leaves = (to >= lowest && to < highest) || start + to >= end || to < 0;
        const placed = leaves ? placedAddress(word) : null;
        if (!placed) continue;
        const spot = layout.spotOf(start + to);
        if (spot && spot.section.index !== section.index && !isOwn(layout, start + offset, section))
          add(offset, placed.type, start + to);
      } else if (wantsAddresses && formsAddress(word)) {
        const placed = placedAddress(word);
        if (!placed || isOwn(layout, start + offset, section)) continue;
        if (placed.type === 'ADR_PREL_LO21') {
          const spot = layout.spotOf(start + offset + placed.displacement);
          if (spot && spot.section.index !== section.index)
            add(offset, placed.type, start + offset + placed.displacement);
          continue;
        }
        const page = pageOf(start + offset, placed.displacement, pageOffset);
        completionsOf(words, index).forEach((low, nth) => {
          if (nth === 0) add(offset, 'ADR_PREL_PG_HI21', page + low.value);
          add(piece + low.index * 4, low.type, page + low.value);
        });
      }
    }
  }
  return entries;
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
    if (mayWrite && (registersWritten(word) & (1 << register)) !== 0) break;
    const branch = isDirectBranch(word) || isRegisterBranch(word) ? decodeBranch(word) : null;
    if (branch && (endsFlow(branch) || (branch.kind !== 'conditional' && register <= 18))) break;
  }
  return found;
};

/** Slots of host data that hold addresses. `listed`: those that the image tells of; null: every word that could be one. */
export const recoverHostData = (
  object: ObjectFile,
  section: Section,
  { layout, targetOf }: HostReader,
  listed: readonly Distance[] | null,
  address: (slot: Distance) => Distance | null,
): readonly Relocation[] => {
  const entries: Relocation[] = [];
  const start = layout.startOf(section);
  const add = (slot: Distance): void => {
    if (isOwn(layout, slot, section)) return;
    const value = address(slot);
    if (value !== null) entries.push({ offset: slot - start, type: typeNamed('ABS64'), ...targetOf(value) });
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
      if (high === base || high === base + 1) add(start + piece + (index - 1) * 4);
    }
  }
  return entries;
};
