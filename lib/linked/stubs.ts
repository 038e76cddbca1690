// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Code that a linker put in: veneers, where a target is out of a branch's reach
// (128 MB), and stubs, where a core's erratum forbids an instruction at its
// place. They are known by their code; their symbols, if there are any, only
// name them, and tell GNU ld's and lld's shortest form, a lone branch, from a
// function that is a tail call.
//
// Odd: the code of a stub that the erratum asks for is the moved instruction and
// a branch back behind the place that it was taken from.
// [bfd/elfnn-aarch64.c, lld/ELF/Thunks.cpp, lld/ELF/AArch64ErrataFix.cpp]

import { placedAddress } from '../aarch64/address-fields.js';
import {
  ADD_X16_X17,
  ADR_X17_0,
  addedToX16,
  BR_X16,
  BTI_C,
  isMovedByErrata,
  LDR_X16_8,
  LDR_X16_16,
} from '../aarch64/finished-code.js';
import { decodeBranch, resultRegister } from '../aarch64/instructions.js';
import type { Distance } from './layout.js';

/** What reads an image by address. */
export interface ImageWords {
  /** The word at an address; 0 outside the image. */
  readonly word: (at: Distance) => number;
  /** A 64-bit word that holds an address; null where it does not. */
  readonly address: (at: Distance) => Distance | null;
  /** A 64-bit word that holds a distance. */
  readonly quad: (at: Distance) => number;
  /** Names of the symbols that stand at an address. */
  readonly names: (at: Distance) => readonly string[];
  /** Bytes from the start of its page that an address of distance 0 lies. */
  readonly pageOffset: number;
}

export interface Stub {
  readonly at: Distance;
  /** Bytes. */
  readonly size: number;
}

export interface Veneer extends Stub {
  readonly target: Distance;
  readonly kind: 'far' | 'erratum';
  /** It holds the target's kernel address, which is none at EL2. */
  readonly isAbsolute: boolean;
}

/** `__foo_veneer`, `__AArch64ADRPThunk_foo`, `__AArch64AbsLongThunk_`, `__AArch64BTIThunk_foo`. */
const VENEER_NAME = /^__(AArch64\w*Thunk_|.*_veneer$)/;
/** `e843419@0001_00000012_3c`, `__erratum_835769_veneer_0`, `__CortexA53843419_FFFFFFC008010FF8`. */
const STUB_NAME = /^(e843419@|__erratum_835769_veneer_|__CortexA53843419_)/;

const X16 = 16;

/** The page of an ADRP's result. */
export const pageOf = (at: Distance, displacement: number, pageOffset: number): Distance =>
  Math.floor((at + pageOffset) / 4096) * 4096 - pageOffset + displacement;

/** The veneer at an address, or null. */
export const veneerAt = (image: ImageWords, at: Distance): Veneer | null => {
  const veneer = veneerByWords(image, at);
  if (!veneer) return null;
  // Names are asked for last: those of a kernel's text have to be sorted first.
  const names = image.names(at);
  const isNamed = names.some((name) => VENEER_NAME.test(name));
  const isLoneBranch = veneer.size <= 8;
  return isNamed || (names.length === 0 && !isLoneBranch) ? veneer : null;
};

const veneerByWords = (image: ImageWords, at: Distance): Veneer | null => {
  const start = image.word(at) === BTI_C ? at + 4 : at;
  const word = (index: number) => image.word(start + index * 4);
  const veneer = (end: number, target: Distance, isAbsolute = false): Veneer => ({
    at,
    size: start + end - at,
    target,
    kind: 'far',
    isAbsolute,
  });

  const first = placedAddress(word(0));
  if (first?.type === 'ADR_PREL_PG_HI21' && resultRegister(word(0)) === X16) {
    const low = addedToX16(word(1));
    if (low === null || word(2) !== BR_X16) return null;
    return veneer(12, pageOf(start, first.displacement, image.pageOffset) + low);
  }
  if (word(0) === LDR_X16_8 && word(1) === BR_X16) {
    const target = image.address(start + 8);
    return target === null ? null : veneer(16, target, true);
  }
  if (word(0) === LDR_X16_16 && word(1) === ADR_X17_0 && word(2) === ADD_X16_X17 && word(3) === BR_X16)
    return veneer(24, start + 4 + image.quad(start + 16));
  return first?.type === 'JUMP26' ? veneer(4, start + first.displacement) : null;
};

/** A landing pad that lld puts in front of a function without one, for a veneer that branches by a register. */
const PAD_NAME = /^__AArch64BTIThunk_/;

/** What stands behind such a pad at an address; else the address. */
export const behindPad = (image: ImageWords, at: Distance): Distance =>
  image.word(at) === BTI_C && image.names(at).some((name) => PAD_NAME.test(name)) ? at + 4 : at;

/** The stub of an erratum that a branch at `from` goes to, or null. */
export const erratumStubAt = (image: ImageWords, from: Distance, at: Distance): Stub | null => {
  const moved = image.word(at);
  const back = placedAddress(image.word(at + 4));
  const returns = back?.type === 'JUMP26' && at + 4 + back.displacement === from + 4;
  if (!returns || !canBeMoved(moved)) return null;
  const names = image.names(at);
  return names.length === 0 || names.some((name) => STUB_NAME.test(name)) ? { at, size: 8 } : null;
};

/** Loads and stores (843419), and what multiplies and adds (835769): nothing that depends on its place. */
const canBeMoved = (word: number): boolean =>
  decodeBranch(word) === null && placedAddress(word) === null && isMovedByErrata(word);
