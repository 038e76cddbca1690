// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Addresses that MOVZ and MOVK build, sixteen bits at a time: kernel addresses,
// whatever code they stand in. No number that is none has the upper half of the
// image's by chance. (-mcmodel=large, `:abs_g3:` in assembly; only in kernels that
// are not moved at boot)

import { type QuarterMove, quarterMove } from '../aarch64/address-fields.js';
import { decodeBranch, writes } from '../aarch64/instructions.js';

/** Instructions behind the first one in which the others are looked for. */
const REACH = 16;

export interface WideMove {
  readonly parts: readonly { readonly index: number; readonly move: QuarterMove }[];
  /** The two halves of what is in the register then. */
  readonly low: number;
  readonly high: number;
}

/** Moves of two instructions and more, in order, along straight lines. `isCode`: by the index of a word. */
export function* wideMoves(words: Uint32Array, isCode: (index: number) => boolean): Generator<WideMove> {
  for (let index = 0; index < words.length; index++) {
    const first = quarterMove(words[index] ?? 0);
    if (!first || first.others === null || !isCode(index)) continue;
    const { register, others } = first;
    const quarters = [others, others, others, others];
    quarters[first.quarter] = first.value;
    const parts = [{ index, move: first }];
    for (let next = index + 1; next <= index + REACH && isCode(next); next++) {
      const word = words[next] ?? 0;
      const move = quarterMove(word);
      if (move?.register === register && move.others === null) {
        quarters[move.quarter] = move.value;
        parts.push({ index: next, move });
      } else if (decodeBranch(word) || writes(word, register)) break;
    }
    const [a = 0, b = 0, c = 0, d = 0] = quarters;
    if (parts.length > 1) yield { parts, low: (a | (b << 16)) >>> 0, high: (c | (d << 16)) >>> 0 };
  }
}
