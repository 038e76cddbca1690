// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code that stands in a section of the host and is known by two symbols
// alone: KVM maps what lies between them.

import type { CodeRange } from '../code/code-range.js';
import type { ObjectFile } from '../elf/object-file.js';

const rows: readonly { readonly start: string; readonly end: string; readonly seen: readonly string[] }[] = [
  // The hardened vectors of arch/arm64/kernel/bpi.S, mapped by kvm_map_vectors; in .hyp.text from 5.4 on.
  { start: '__bp_harden_hyp_vecs_start', end: '__bp_harden_hyp_vecs_end', seen: ['4.16'] },
];

export const hypRangesOf = (object: ObjectFile): readonly CodeRange[] => {
  const { symbols, sections } = object;
  const found = symbols.globalsNamed(rows.flatMap(({ start, end }) => [start, end]));
  return rows.flatMap(({ start, end }): readonly CodeRange[] => {
    const first = found.get(start);
    const last = found.get(end);
    if (first === undefined || last === undefined) return [];
    const section = sections[symbols.section(first)];
    const length = symbols.value(last) - symbols.value(first);
    if (!section || symbols.section(last) !== section.index || length <= 0) return [];
    return [{ code: { object, section, offset: symbols.value(first) }, length }];
  });
};
