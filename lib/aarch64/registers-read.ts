// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// General registers that an instruction may read, as a bit mask: exact where
// that is easy, all that its fields can name where it is not.

import { decodeMemory } from './instructions.js';

const at = (word: number, low: number): number => {
  const register = (word >>> low) & 31;
  return register === 31 ? 0 : 1 << register;
};

const RD = 0;
const RN = 5;
const RA = 10;
const RM = 16;

/** Arguments of SVC, HVC and SMC: x0 to x17. [SMCCC] */
const CALL_ARGUMENTS = 0x3ffff;

export const readsOf = (word: number): number => {
  const group = (word >>> 25) & 15;
  if ((word & 0x0a000000) === 0x08000000) {
    const memory = decodeMemory(word);
    // CPY and SET have an address, another or a value, and a size; all are written as well.
    if ((word & 0x3b200c00) === 0x19000400) return at(word, RD) | at(word, RN) | at(word, RM);
    const isVector = (word & 0x04000000) !== 0;
    const index = memory?.mode === 'register' ? at(word, RM) : 0;
    if (memory?.mode === 'literal') return 0;
    // Structures of vectors may be stepped by a register.
    if (memory && isVector) return at(word, RN) | at(word, RM);
    if (memory && memory.access !== 'store') return at(word, RN) | index;
    const isPair = ((word >>> 27) & 7) === 5;
    if (memory && isPair) return at(word, RN) | at(word, RD) | at(word, RA);
    // STR, STUR and their write-back forms: bits 21 to 10 are an offset.
    const isOffset = ((word >>> 27) & 7) === 7 && (word & 0x01200000) !== 0x00200000;
    if (memory && isOffset) return at(word, RN) | at(word, RD);
    return at(word, RN) | at(word, RD) | at(word, RA) | at(word, RM);
  }
  if ((group & 0b1110) === 0b1000) {
    if ((word & 0x1f000000) === 0x10000000) return 0; // ADR, ADRP
    if ((word & 0x1f800000) === 0x12800000) return (word & 0x60000000) === 0x60000000 ? at(word, RD) : 0; // MOVK reads
    const isExtract = (word & 0x1f800000) === 0x13800000;
    const isInsert = (word & 0x7f800000) === 0x33000000;
    return at(word, RN) | (isExtract ? at(word, RM) : 0) | (isInsert ? at(word, RD) : 0);
  }
  if ((group & 0b1110) === 0b1010) {
    if ((word & 0xffe0001c) >>> 0 === 0xd4000000) return CALL_ARGUMENTS;
    // The system instructions have one operand, in Rt: 31 in hints and barriers; MRS writes it.
    if (word >>> 24 === 0xd5) return (word & 0x00200000) !== 0 ? 0 : at(word, RD);
    return at(word, RD) | at(word, RN);
  }
  if ((group & 0b0111) === 0b0101) {
    const isThreeSource = (word & 0x1f000000) === 0x1b000000;
    return at(word, RN) | at(word, RM) | (isThreeSource ? at(word, RA) : 0);
  }
  return at(word, RD) | at(word, RN) | at(word, RA) | at(word, RM);
};
