// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { detectGeneration } from '../../lib/policy/detect-generation.js';
import { generations } from '../../lib/policy/generations.js';
import { type BuiltSection, code } from '../support/object-builder.js';
import { build } from '../support/objects.js';

const text = (label: string): BuiltSection => ({
  name: '.hyp.text',
  flags: code,
  items: [{ label }, 0xd65f03c0],
});

const generationOf = async (...objects: readonly (readonly BuiltSection[])[]) =>
  detectGeneration(await Promise.all(objects.map((sections) => build({ sections })))).id;

t.test('one .hyp.text without prefixes', async (t) => {
  t.equal(await generationOf([text('__guest_enter')]), 'hyp-text');
  t.equal(
    await generationOf([text('f'), { name: '.text', flags: code, items: [{ label: '__kvm_nvhe_x' }, 0] }]),
    'hyp-text',
    'a prefix elsewhere tells nothing',
  );
  t.equal(await generationOf([]), 'hyp-text');
});

t.test('prefixes, and sections of the nVHE link', async (t) => {
  t.equal(await generationOf([text('__kvm_nvhe___guest_enter')]), 'nvhe-early');
  for (const name of ['.hyp.rodata', '.hyp.bss', '.hyp.reloc', '.hyp.data..ro_after_init']) {
    t.equal(await generationOf([text('__kvm_nvhe_f'), { name }]), 'nvhe', name);
  }
  t.equal(
    await generationOf([text('__guest_enter'), { name: '.hyp.rodata' }]),
    'nvhe',
    'kvm_nvhe.tmp.o has no prefixes yet',
  );
  t.equal(await generationOf([text('__kvm_nvhe_f'), { name: '.hyp.data..percpu' }]), 'nvhe-early', '5.10');
  t.equal(
    await generationOf([text('stub')], [text('__kvm_nvhe_f'), { name: '.hyp.bss' }]),
    'nvhe',
    'any object tells',
  );
});

t.test('generations say which kernels they are', async (t) => {
  for (const generation of Object.values(generations)) {
    t.match(generation.kernels, /v5\.\d+/);
    t.ok(generation.title.length > 10);
  }
});
