// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A load or store of one register or a pair by base and displacement, as functions
// save registers in their frame and restore them: which register goes to which
// offset from the base, and how the base is stepped.

import { encodingOf } from './a64.js';
import { field } from './fields.js';
import { type Register, SP } from './operations.js';

export interface FrameAccess {
  readonly access: 'load' | 'store';
  /** 31 is SP. */
  readonly base: Register;
  /** 64-bit registers and their offsets in bytes from the old base; empty for narrower and vector registers. */
  readonly slots: readonly { readonly register: Register; readonly offset: number }[];
  /** Bytes that the base is stepped by; 0 without write-back. */
  readonly step: number;
}

/** null for anything else: an index, an atomic, a literal, a structure of vectors. */
export const decodeFrameAccess = (word: number): FrameAccess | null => {
  const { effect, meaning } = encodingOf(word);
  const place = meaning.place?.(word);
  const access = effect.memory?.access;
  if (!place || !access || access === 'prefetch') return null;
  const { base, displacement, writeback, size } = place;
  const { fields } = access === 'store' ? effect.data : effect.writes;
  const first = writeback === 'post' ? 0 : displacement;
  const slots = fields.map(({ at }, index) => ({ register: field(word, at, 5), offset: first + index * 8 }));
  return {
    access,
    base: base === SP ? 31 : base,
    slots: size === 8 ? slots.filter(({ register }) => register !== 31) : [],
    step: writeback === 'none' ? 0 : displacement,
  };
};
