// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A table of alternatives that no row describes, in each generation of KVM:
// clean means proven clean, so the status is 3 and a sentence says why.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { STB, STT } from '../lib/elf/vocabulary.js';
import { buildObject, code, type Item } from './support/object-builder.js';
import { runMain } from './support/run-main.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-unknown-layout-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const nop = 0xd503201f;
const ret = 0xd65f03c0;
const place = (to: string): Item => ({ word: 0, relocation: { type: 261, to } });
const entry: readonly Item[] = [place('old'), place('new'), 0x04040001];

const generations = [
  { title: 'hyp text', prefix: '', replacements: '.altinstr_replacement', more: [] },
  { title: 'nVHE, early', prefix: '__kvm_nvhe_', replacements: null, more: [] },
  {
    title: 'nVHE',
    prefix: '__kvm_nvhe_',
    replacements: null,
    more: [{ name: '.hyp.rodata', items: [{ quad: 0n }] }],
  },
] as const;

const tables: readonly {
  readonly what: string;
  readonly items: readonly Item[];
  readonly isKnown: boolean;
}[] = [
  { what: 'of 12 bytes', items: [...entry, ...entry], isKnown: true },
  { what: 'of 12 bytes, one discarded', items: [0, 0, 0, ...entry], isKnown: true },
  { what: 'of 16 bytes', items: [...entry, 0, ...entry, 0], isKnown: false },
  { what: 'of 16 bytes, a multiple of 12', items: [1, 2, 3].flatMap(() => [...entry, 0]), isKnown: false },
  { what: 'cut off', items: [...entry, place('old')], isKnown: false },
];

for (const { title, prefix, replacements, more } of generations) {
  for (const { what, items, isKnown } of tables) {
    t.test(`${title}: alternatives ${what}`, async (t) => {
      const moved: readonly Item[] = [{ label: 'new' }, nop];
      const bytes = buildObject({
        sections: [
          {
            name: '.hyp.text',
            flags: code,
            items: [
              { label: `${prefix}f`, type: STT.FUNC, binding: STB.GLOBAL },
              { label: 'old' },
              nop,
              ret,
              { end: `${prefix}f` },
              ...(replacements ? [] : moved),
            ],
          },
          ...more,
          ...(replacements ? [{ name: replacements, flags: code, items: moved }] : []),
          { name: '.altinstructions', items },
        ],
      });
      writeFileSync(join(folder, 'x.o'), bytes);
      const { status, stderr } = await runMain(['-Wno-hyp-section', '--whole', 'x.o'], { directory: folder });
      t.equal(status === 3, !isKnown || title === 'nVHE, early', stderr);
      t.equal(/the layout of section '\.altinstructions' is not known/.test(stderr), !isKnown, stderr);
    });
  }
}

t.test('objects without hyp code are not asked', async (t) => {
  const bytes = buildObject({
    sections: [
      { name: '.text', flags: code, items: [{ label: 'old' }, nop, { label: 'new' }, nop] },
      { name: '.altinstructions', items: [...entry, 0] },
    ],
  });
  writeFileSync(join(folder, 'x.o'), bytes);
  const { stderr } = await runMain(['--whole', 'x.o'], { directory: folder });
  t.notMatch(stderr, /layout/);
});
