// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { RelocationSections } from '../../lib/elf/relocation-sections.js';
import type { Section } from '../../lib/elf/section-headers.js';
import { SHT } from '../../lib/elf/vocabulary.js';

const PROGBITS = 1;

/** By type and sh_info, with the null section in front. */
const sections = (rows: readonly (readonly [type: number, info: number])[]): readonly Section[] =>
  [[0, 0] as const, ...rows].map(([type, info], index) => ({
    index,
    name: `s${index}`,
    type,
    flags: 0,
    address: 0n,
    offset: 0,
    size: 24,
    link: 0,
    info,
    entrySize: 24,
  }));

t.test('by the section that they patch, in the order of the file', async (t) => {
  const all = sections([
    [PROGBITS, 0], // 1
    [SHT.RELA, 1], // 2
    [PROGBITS, 2], // 3: an sh_info that means nothing
    [SHT.CREL, 5], // 4
    [PROGBITS, 0], // 5
    [SHT.REL, 5], // 6
    [SHT.RELA, 5], // 7
    [SHT.RELA, 0], // 8: of the null section
    [SHT.RELA, 10], // 9: of none that there is
  ]);
  const by = new RelocationSections(all);
  const found = all.map((section) => by.of(section).map(({ index }) => index));
  t.same(found, [[8], [2], [], [], [], [4, 6, 7], [], [], [], []]);
});
