// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { sectionsOf } from '../../lib/code/object-sections.js';
import { type BuiltSection, code } from '../support/object-builder.js';
import { build } from '../support/objects.js';

const NOP = 0xd503201f;
const RELA = 4;
const NOBITS = 8;

const sections: readonly BuiltSection[] = [
  { name: '.text', flags: code, items: [NOP] },
  { name: '.hyp.text', flags: code, items: [NOP] },
  { name: '.hyp.rodata', items: [0] },
  { name: '.hyper.text', flags: code, items: [NOP] },
  { name: '.altinstr_replacement', items: [NOP] },
  { name: '.altinstructions', items: [0, 0, 0] },
  { name: '__ex_table', items: [] },
  { name: '__patchable_function_entries.f', items: [0] },
  { name: '.hyp.bss', type: NOBITS, items: [0] },
  // Damage: hyp code by its name, relocations by its type. It counts as hyp code; object-faults.ts reports it.
  { name: '.hyp.text.f', flags: code, type: RELA, items: [NOP] },
];

t.test('sections are listed by role, in the order of the file', async (t) => {
  const object = await build({ sections });
  const { hyp, hypCode, patchTables, replacementCode, traced, code: all } = sectionsOf(object);
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  t.same(names(hyp), ['.hyp.text', '.hyp.rodata', '.hyp.bss', '.hyp.text.f']);
  t.same(names(hypCode), ['.hyp.text', '.hyp.text.f']);
  t.same(
    patchTables.map(({ section, table }) => [section.name, table]),
    [['.altinstructions', 'alternatives']],
    'an empty table is left out',
  );
  t.same(names(replacementCode), ['.altinstr_replacement']);
  t.same(names(traced), ['__patchable_function_entries.f']);
  t.same(names(all), ['.text', '.hyp.text', '.hyper.text', '.altinstr_replacement']);
  t.equal(sectionsOf(object), sectionsOf(object), 'computed once');
});
