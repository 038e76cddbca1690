// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { STB } from '../../lib/elf/vocabulary.js';
import { detectGeneration, isModulePart } from '../../lib/policy/detect-generation.js';
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

t.test('hyp code without prefixes is of the generation with one .hyp.text', async (t) => {
  t.equal(await generationOf([text('__guest_enter')]), 'hyp-text');
  t.equal(
    await generationOf([text('f'), { name: '.text', flags: code, items: [{ label: '__kvm_nvhe_x' }, 0] }]),
    'hyp-text',
    'a prefix elsewhere does not count',
  );
  t.equal(await generationOf([]), 'hyp-text');
});

t.test('prefixes alone are of 5.9 and 5.10, sections of the nVHE link of later kernels', async (t) => {
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
    'one such object is enough',
  );
});

t.test('the EL2 part of a module is known by prefix or section in a module, or by a bound', async (t) => {
  const isPart = async (path: string, ...sections: readonly BuiltSection[]) =>
    isModulePart(await build({ sections }, path));
  const prefixed = text('__kvm_nvhe_f');
  t.equal(await isPart('driver.ko', prefixed, { name: '.hyp.rodata' }), true);
  t.equal(await isPart('driver.ko', prefixed), true, 'by the prefix alone');
  t.equal(await isPart('driver.ko', text('f')), false, 'hyp code of the generation with one .hyp.text');
  t.equal(await isPart('driver.ko', { name: '.text' }), false, 'a module without hyp code');
  t.equal(
    await isPart('driver', prefixed, { name: '.gnu.linkonce.this_module' }),
    true,
    'a module by its section',
  );
  t.equal(await isPart('vmlinux.o', prefixed, { name: '.hyp.rodata' }), false);
  const formats = (label: string): BuiltSection => ({
    name: '.hyp.printk_fmts',
    items: [{ label, binding: STB.GLOBAL }],
  });
  for (const path of ['kvm_nvhe.o', 'drivers/x/x.o']) {
    t.equal(await isPart(path, prefixed, formats('__kvm_nvhe___hyp_printk_fmts_start')), true, path);
    t.equal(await isPart(path, prefixed, formats('__hyp_printk_fmts_start')), false, 'a bound of the host');
    t.equal(await isPart(path, prefixed, formats('other')), false, 'the section of the kernel');
  }
  const before = 'drivers/x/hyp/kvm_nvhe.tmp.o';
  t.equal(
    await isPart(before, text('f'), formats('__hyp_printk_fmts_start')),
    true,
    'before the prefix is added',
  );
  const asks: BuiltSection = {
    name: '.hyp.text',
    flags: code,
    items: [{ word: 0x90000000, relocation: { type: 275, to: '__kvm_nvhe___hyp_printk_fmts_start' } }],
  };
  t.equal(await isPart('kvm_nvhe.o', asks), false, 'the kernel’s link gets the bound from vmlinux.lds');
});

t.test('each generation has a title and says which kernels it is', async (t) => {
  for (const generation of Object.values(generations)) {
    t.match(generation.kernels, /v\d+\.\d+|Android \d+/);
    t.ok(generation.title.length > 10);
  }
});
