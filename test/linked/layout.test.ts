// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The section of an address in an image, also where sections overlap, which linkers do not write.

import t from 'tap';
import type { Section } from '../../lib/elf/object-file.js';
import { SHF, SHT } from '../../lib/elf/vocabulary.js';
import { Layout } from '../../lib/linked/layout.js';
import { randomFrom } from '../execution/random.js';
import { build } from '../support/objects.js';

const BASE = 0xffff800008000000n;

const loaded = (index: number, start: number, size: number): Section => ({
  index,
  name: `.s${index}`,
  type: SHT.PROGBITS,
  flags: SHF.ALLOC,
  address: BASE + BigInt(start),
  offset: 0,
  size,
  link: 0,
  info: 0,
  entrySize: 0,
});

const layoutOf = async (sections: readonly Section[]): Promise<Layout> =>
  new Layout(sections, (await build({ sections: [] })).symbols, 0);

t.test('an address belongs to the section that begins last before it and has not ended', async (t) => {
  const random = randomFrom(5);
  for (let round = 0; round < 50; round++) {
    const sections = Array.from({ length: 1 + random.below(12) }, (_, index) =>
      loaded(index, index === 0 ? 0 : random.below(60), 1 + random.below(30)),
    );
    const layout = await layoutOf(sections);
    const byStart = [...sections].sort((a, b) => Number(a.address - b.address));
    const wrong = Array.from({ length: 100 }, (_, at) => at).filter((at) => {
      const start = (one: Section) => Number(one.address - BASE);
      const expected = byStart.findLast((one) => start(one) <= at && at < start(one) + one.size);
      const spot = layout.spotOf(at);
      return spot?.section.index !== expected?.index || (expected && spot?.offset !== at - start(expected));
    });
    t.same(wrong, [], sections.map(({ address, size }) => `${address - BASE}+${size}`).join(' '));
  }
});

t.test('a hundred thousand sections are laid out within seconds', async (t) => {
  const many = Array.from({ length: 100_000 }, (_, index) => loaded(index, index * 8, 8));
  const begun = process.cpuUsage();
  const layout = await layoutOf(many);
  t.equal(layout.spotOf(400_004)?.section.index, 50_000);
  const { user, system } = process.cpuUsage(begun);
  t.ok(user + system < 5_000_000, `${user + system} us`);
});
