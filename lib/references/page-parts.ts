// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a group of ADRPs and of instructions that complete them does: one part for
// each target and access.
//
//     adrp  x0, a
//     ldr   x1, [x0, :lo12:a]    // a load of a
//     add   x0, x0, :lo12:a      // the address of a

import { decodeMemory } from '../aarch64/instructions.js';
import type { CodeMap } from '../code/code-map.js';
import type { PageGroup } from '../code/pairing.js';
import type { Relocation } from '../elf/relocations.js';
import type { Access } from './reference.js';

export interface PagePart {
  readonly access: Access;
  readonly isPrefetch: boolean;
  /** Of those that complete an address, by offset; at least one. */
  readonly completed: readonly Relocation[];
  /** These, then the ADRPs. */
  readonly halves: readonly Relocation[];
}

/** An ADRP belongs to the first part with its own S + A. `throughGot`: what is completed is a slot of a global offset table. */
export const partsOf = (
  { pages, offsets }: PageGroup,
  code: CodeMap,
  throughGot: boolean,
): readonly PagePart[] => {
  const parts = new Map<string, OpenPart>();
  for (const half of offsets) {
    const { access, isPrefetch } = throughGot ? slotLoad : accessOf(code.word(half.offset));
    const key = `${half.symbol} ${half.addend} ${access} ${isPrefetch}`;
    const part = parts.get(key) ?? { access, isPrefetch, completed: [], halves: [] };
    part.completed.push(half);
    part.halves.push(half);
    parts.set(key, part);
  }
  const list = [...parts.values()];
  for (const page of pages) {
    const same = list.find(
      ({ completed: [first] }) => first?.symbol === page.symbol && first?.addend === page.addend,
    );
    (same ?? list[0])?.halves.push(page);
  }
  return list;
};

interface OpenPart extends PagePart {
  readonly completed: Relocation[];
  readonly halves: Relocation[];
}

const slotLoad = { access: 'load', isPrefetch: false } as const;

/** What an instruction that adds the low 12 bits does: ADD forms the address, and so does a prefetch, which accesses nothing. */
const accessOf = (word: number): Pick<PagePart, 'access' | 'isPrefetch'> => {
  const memory = decodeMemory(word);
  if (memory?.access === 'prefetch') return { access: 'address', isPrefetch: true };
  return { access: memory?.access ?? 'address', isPrefetch: false };
};
