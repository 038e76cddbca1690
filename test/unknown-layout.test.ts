// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A table of alternatives whose layout is in no row of code/table-layouts.ts, in
// each generation of KVM: what cannot be read is not clean, so the status is 3 and
// a message says why.

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
  { what: 'with entries of 12 bytes', items: [...entry, ...entry], isKnown: true },
  { what: 'with entries of 12 bytes, one discarded', items: [0, 0, 0, ...entry], isKnown: true },
  { what: 'with entries of 16 bytes', items: [...entry, 0, ...entry, 0], isKnown: false },
  {
    what: 'with entries of 16 bytes, whose size 12 divides',
    items: [1, 2, 3].flatMap(() => [...entry, 0]),
    isKnown: false,
  },
  { what: 'that is cut off', items: [...entry, place('old')], isKnown: false },
];

for (const { title, prefix, replacements, more } of generations) {
  for (const { what, items, isKnown } of tables) {
    t.test(`${title}: a table of alternatives ${what} is ${isKnown ? 'read' : 'reported'}`, async (t) => {
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
      // Without the build's linker script, 5.9 and 5.10 are never checked completely: only the messages differ.
      const doubts = [...stderr.matchAll(/warning: (.*) \[-Whyp-unchecked\]/g)].map(([, doubt]) => doubt);
      const expected = [
        ...(title === 'nVHE, early' ? [/^references to data were not judged/] : []),
        ...(isKnown ? [] : [/^the layout of section '\.altinstructions' is not known/]),
      ];
      t.match(doubts.sort(), expected, stderr);
      t.equal(doubts.length, expected.length, stderr);
      t.equal(status, doubts.length > 0 ? 3 : 0, stderr);
    });
  }
}

t.test('an unknown layout is not reported for an object without hyp code', async (t) => {
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
