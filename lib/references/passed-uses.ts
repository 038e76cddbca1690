// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is done with a kernel address in the hyp functions that it is handed to.
// To hand it over is no use yet: __hyp_do_panic() takes one to the host. What the
// callee does counts, and what it calls with it.
//
//     ldr  x0, =table
//     bl   first           // first: ldr x0, [x0]; ret

import { decodeBranch } from '../aarch64/instructions.js';
import { relocationTypes } from '../aarch64/relocation-types.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import { relocationsOf } from '../code/relocations.js';
import { isHypCode } from '../code/sections.js';
import { isAddressUse, type Use, usesFrom } from '../code/value-flow.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';

/** Most functions that one address is followed into; code hands it to one or two. */
const MAX_CALLEES = 64;

/** An argument, and where it was handed over first: an offset in the section of the reference. */
interface Handed {
  readonly code: CodeMap;
  readonly use: Use;
  readonly from: number;
}

/**
 * `uses`, and behind them those in callees: at their own place where that is in the same section, else at the call.
 * `isOtherUse`: see usesOf.
 */
export const withPassedUses = (
  image: Image,
  code: CodeMap,
  uses: readonly Use[],
  isOtherUse: (offset: number) => boolean,
): readonly Use[] => {
  const found = [...uses];
  const seen = new Set<string>();
  const pending: Handed[] = uses.map((use) => ({ code, use, from: use.offset }));
  for (let next = pending.pop(); next && seen.size < MAX_CALLEES; next = pending.pop()) {
    const { use, from } = next;
    const callee = use.kind === 'argument' ? calleeAt(image, next.code, use.offset) : null;
    if (!callee || !isHypCode(callee.section)) continue;
    const key = `${callee.object.path} ${callee.section.index} ${callee.offset} ${use.register}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const inside = codeMapOf(callee.object, callee.section);
    const isHere = inside.section === code.section;
    const isOther = isHere ? isOtherUse : () => false;
    for (const one of usesFrom(inside, [callee.offset], use.register, isOther)) {
      const offset = isHere ? one.offset : from;
      if (isAddressUse(one)) found.push({ ...one, offset });
      pending.push({ code: inside, use: one, from: offset });
    }
  }
  return found;
};

/** The function that an instruction calls or branches to, or null. */
const calleeAt = (image: Image, code: CodeMap, offset: number): Place | null => {
  const { object, section } = code;
  const patch = relocationsOf(object, section).at(offset);
  if (patch) {
    const kind = relocationTypes.get(patch.type)?.kind;
    if (kind !== 'call' && kind !== 'jump') return null;
    const target = image.resolve(object, patch.symbol, patch.addend);
    return target.kind === 'place' ? target.place : null;
  }
  const displacement = decodeBranch(code.word(offset))?.displacement ?? null;
  return displacement === null ? null : { object, section, offset: offset + displacement };
};
