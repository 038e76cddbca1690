// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is asked of each word of code, of which a finished kernel has millions:
// bits are compared here, and the table (a64.ts) is not asked.
// test/aarch64/finished-code.test.ts holds them to the table.

import { field } from './fields.js';
import type { Register } from './operations.js';

/** BL, B. */
const isBranch26 = (word: number): boolean => (word & 0x7c000000) === 0x14000000;
/** TBZ, TBNZ. */
const isBranch14 = (word: number): boolean => (word & 0x7e000000) === 0x36000000;
/** B.cond, BC.cond; CBZ, CBNZ. */
const isBranch19 = (word: number): boolean =>
  (word & 0xff000000) === 0x54000000 || (word & 0x7e000000) === 0x34000000;

/** CB<cc>, CBB<cc>, CBH<cc>. */
const isBranch9 = (word: number): boolean => (word & 0x7e000000) === 0x74000000;

/** What all of them have; other branches and system instructions have it too. */
export const mayBeDirectBranch = (word: number): boolean => (word & 0x1c000000) === 0x14000000;

/** B, BL, B.cond, CBZ, TBZ and their kin. */
export const isDirectBranch = (word: number): boolean =>
  isBranch26(word) || isBranch14(word) || isBranch19(word) || isBranch9(word);

/** Bytes from a direct branch to its target. */
export const directDisplacement = (word: number): number => {
  if (isBranch26(word)) return (word << 6) >> 4;
  if (isBranch9(word)) return ((word << 18) >> 23) * 4;
  return isBranch14(word) ? ((word << 13) >> 18) * 4 : ((word << 8) >> 13) * 4;
};

/** B, BL, B.cond, CBZ, TBZ: no encoding of theirs is refused. */
export const isUsualBranch = (word: number): boolean =>
  isBranch26(word) || isBranch19(word) || isBranch14(word);

/** Of usual branches: BL; B. */
export const isCall = (word: number): boolean => (word & 0xfc000000) >>> 0 === 0x94000000;
export const isJump = (word: number): boolean => (word & 0xfc000000) >>> 0 === 0x14000000;

/** BR, BLR, RET, ERET and their authenticated forms. */
export const isRegisterBranch = (word: number): boolean => (word & 0xfe000000) >>> 0 === 0xd6000000;

/** AUTIASPPC, AUTIBSPPC. */
const isAuthenticatedByPc = (word: number): boolean => (word & 0xff800000) >>> 0 === 0xf3800000;

/** Branches and system instructions, SVE, SME, pointer authentication by x15 to x17 and x30: they imply registers. */
const impliesRegisters = (word: number): boolean =>
  mayBeDirectBranch(word) ||
  (word & 0x1a000000) === 0 ||
  isAuthenticatedByPc(word) ||
  (word & 0xffffc01f) >>> 0 === 0xdac1801e;

/** Signs an address in a register, or authenticates it. Hints do so too: see isSystem. */
export const isPointerSigning = (word: number): boolean =>
  word >>> 16 === 0xdac1 || isAuthenticatedByPc(word);

/** Exclusive pairs, and atomics on pairs and on 64 bytes: their registers follow the one that is named. */
const namesSeveral = (word: number): boolean =>
  (word & 0x3e000000) === 0x08000000 ||
  (word & 0x3f200000) === 0x19200000 ||
  (word & 0xffe00000) >>> 0 === 0xf8200000;

/**
 * Whether a word may read or write a register. Most instructions have to do with the registers in their fields only: Rd or
 * Rt, Rn, Ra or Rt2, Rm or Rs.
 */
export const mayName = (word: number, register: Register): boolean =>
  (word & 31) === register ||
  ((word >>> 5) & 31) === register ||
  ((word >>> 10) & 31) === register ||
  ((word >>> 16) & 31) === register ||
  impliesRegisters(word) ||
  namesSeveral(word);

/** Rt2 or Ra, in bits 14:10. */
export const secondRegister = (word: number): Register => field(word, 10, 5);

/** What a linker's veneers are made of. [GNU ld elfnn-aarch64.c, lld Thunks.cpp] */
export const BTI_C = 0xd503245f;
export const BR_X16 = 0xd61f0200;
/** LDR x16, 8 and 16 bytes ahead; ADR x17, 0; ADD x16, x16, x17. */
export const LDR_X16_8 = 0x58000050;
export const LDR_X16_16 = 0x58000090;
export const ADR_X17_0 = 0x10000011;
export const ADD_X16_X17 = 0x8b110210;

/** The number of ADD x16, x16, #n, not shifted; null for other instructions. */
export const addedToX16 = (word: number): number | null =>
  (word & 0xffc003ff) >>> 0 === 0x91000210 ? field(word, 10, 12) : null;

/** A load or store, of what kind ever: what a stub for erratum 843419 moves. [Arm ARM C4.1 "A64 instruction set encoding"] */
export const isLoadOrStore = (word: number): boolean => (word & 0x0a000000) === 0x08000000;
/** MADD, MSUB and their long forms: what a stub for erratum 835769 moves. */
const isMultiplyAdd = (word: number): boolean => (word & 0x1f000000) === 0x1b000000;

/** Whether a linker's erratum stub may have such an instruction. */
export const isMovedByErrata = (word: number): boolean => isLoadOrStore(word) || isMultiplyAdd(word);
