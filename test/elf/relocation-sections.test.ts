// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { RelocationSections } from '../../lib/elf/relocation-sections.js';
import type { Section } from '../../lib/elf/section-headers.js';
import { SHT } from '../../lib/elf/vocabulary.js';

const PROGBITS = 1;

/** Sections given by type and sh_info, after the null section. */
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

t.test('a section has the relocation sections whose sh_info is its index, in file order', async (t) => {
  const all = sections([
    [PROGBITS, 0], // 1
    [SHT.RELA, 1], // 2
    [PROGBITS, 2], // 3: not relocations, so sh_info does not count
    [SHT.CREL, 5], // 4
    [PROGBITS, 0], // 5
    [SHT.REL, 5], // 6
    [SHT.RELA, 5], // 7
    [SHT.RELA, 0], // 8: for the null section
    [SHT.RELA, 10], // 9: for a section that does not exist
  ]);
  const by = new RelocationSections(all);
  const found = all.map((section) => by.of(section).map(({ index }) => index));
  t.same(found, [[8], [2], [], [], [], [4, 6, 7], [], [], [], []]);
});
