// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The MOVZ and MOVKs that put one address into a register, 16 bits each (AAELF64,
// groups G0 to G3). A compiler may put other instructions between them.
//
//     movz  x0, #:abs_g1:a       // R_AARCH64_MOVW_UABS_G1 a
//     movk  x0, #:abs_g0_nc:a    // R_AARCH64_MOVW_UABS_G0_NC a: one reference

import { resultRegister } from '../aarch64/instructions.js';
import type { Relocation } from '../elf/relocations.js';
import type { CodeMap } from './code-map.js';

/** Bytes between two halves of an address; no compiler was seen to put more than a few instructions there. */
const FAR = 64;

/** Relocations of one address each: neighbours of one symbol and register, none of the kind that the first one has. */
export const groupMoves = (
  code: CodeMap,
  moves: readonly Relocation[],
): readonly (readonly Relocation[])[] => {
  const groups: Relocation[][] = [];
  const registerOf = ({ offset }: Relocation) => resultRegister(code.word(offset));
  for (const half of [...moves].sort((a, b) => a.offset - b.offset)) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const goesOn =
      last !== undefined &&
      last.symbol === half.symbol &&
      registerOf(last) === registerOf(half) &&
      half.type !== group?.[0]?.type &&
      half.offset - last.offset <= FAR;
    if (goesOn) group?.push(half);
    else groups.push([half]);
  }
  return groups;
};
