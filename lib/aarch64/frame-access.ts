// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A load or store of one register or a pair by base and displacement, as functions
// save registers in their frame and restore them: which register goes to which
// offset from the base, and how the base is stepped.

import { encodingOf } from './a64.js';
import { field } from './fields.js';
import { type Operation, type Register, SP } from './operations.js';

export interface FrameAccess {
  readonly access: 'load' | 'store';
  /** 31 is SP. */
  readonly base: Register;
  /** 64-bit registers and their offsets in bytes from the old base; empty for narrower and vector registers. */
  readonly slots: readonly { readonly register: Register; readonly offset: number }[];
  /** General registers, of whatever width; 31 is the zero register. Empty for vectors. */
  readonly registers: readonly Register[];
  /** Bytes of memory, and where they begin relative to the old base. */
  readonly offset: number;
  readonly bytes: number;
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
  const registers = fields.map(({ at }) => field(word, at, 5));
  const slots = registers.map((register, index) => ({ register, offset: first + index * 8 }));
  return {
    access,
    base: base === SP ? 31 : base,
    slots: size === 8 ? slots.filter(({ register }) => register !== 31) : [],
    registers,
    offset: first,
    bytes: isPair(word) ? size * 2 : size,
    step: writeback === 'none' ? 0 : displacement,
  };
};

const isPair = (word: number): boolean => (word & 0x3a000000) === 0x28000000;

/** LDP, LDNP and LDPSW of general registers as two loads without write-back; null for other words. */
export const decodePairLoad = (word: number): readonly [Operation, Operation] | null => {
  const access = isPair(word) ? decodeFrameAccess(word) : null;
  const [first, second] = access?.registers ?? [];
  if (access?.access !== 'load' || first === undefined || second === undefined) return null;
  const size = access.bytes === 16 ? 8 : 4;
  const signed = word >>> 30 === 1;
  const load = (to: Register, displacement: number): Operation => ({
    ...{ kind: 'load', to, size, signed, wide: signed || size === 8 },
    address: { kind: 'base', base: access.base === 31 ? SP : access.base, displacement, writeback: 'none' },
  });
  return [load(first, access.offset), load(second, access.offset + size)];
};
