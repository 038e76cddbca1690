// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { check } from '../../lib/check.js';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { generations } from '../../lib/policy/generations.js';
import { noFacts } from '../../lib/policy/hyp-map.js';
import type { Policy } from '../../lib/policy/policy.js';
import { pointsAtStray, straysOf } from '../../lib/policy/stray-sections.js';
import { plainCheck } from '../support/check-options.js';
import { type BuiltSection, code } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';
import { judgementOn, policyOf } from './judged.js';

const ABS64 = 257;

const data = (name: string, label: string): BuiltSection => ({
  name,
  flags: SHF.ALLOC | SHF.WRITE,
  items: [{ label, type: STT.OBJECT, binding: STB.GLOBAL, size: 8 }, { quad: 1n }],
});
const hyp: BuiltSection = { name: '.hyp.text', flags: code, items: [{ label: '__kvm_nvhe_f' }, 0xd65f03c0] };

/** The policy of kernels whose link of hyp code gathers these sections. */
const gathering = (...gathered: readonly string[]) =>
  policyOf(generations.nvhe, { ...noFacts, linkOf: () => ({ gathers: (name) => gathered.includes(name) }) });

const straysBy = async (policy: Policy, path: string, ...sections: readonly BuiltSection[]) =>
  straysOf(await build({ sections: [hyp, ...sections] }, path), policy).map(
    ({ name, isFunction, place }) => `${name}${isFunction ? '()' : ''} ${place.section.name}+${place.offset}`,
  );
const strays = (path: string, ...sections: readonly BuiltSection[]) =>
  straysBy(policyOf(generations.nvhe), path, ...sections);

t.test('in an object of the nVHE link, what is outside .hyp.* is a stray', async (t) => {
  for (const path of ['kvm_nvhe.o', 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.tmp.o', 'x.a(kvm_nvhe.rel.o)']) {
    t.same(await strays(path, data('.data', 'counter')), ['counter .data+0'], path);
  }
  t.same(
    await strays('kvm_nvhe.o', {
      name: '.init.text',
      flags: code,
      items: [{ label: 'setup', type: STT.FUNC, size: 4 }, 0],
    }),
    ['setup() .init.text+0'],
  );
  t.same(
    await strays('kvm_nvhe.o', { name: '.data', flags: SHF.ALLOC, items: [{ quad: 0n }] }),
    ['null .data+0'],
    'without a symbol',
  );
});

t.test('in a kernel, what has the prefix outside .hyp.* is a stray', async (t) => {
  t.same(await strays('vmlinux.o', data('.data', '__kvm_nvhe_counter'), data('.data..read_mostly', 'host')), [
    '__kvm_nvhe_counter .data+0',
  ]);
});

t.test(
  'tables, empty sections, sections that are not loaded and mapping symbols are no strays',
  async (t) => {
    const tables = [
      '.altinstructions',
      '__jump_table',
      '__bug_table',
      '__kvm_ex_table',
      '__ex_table',
      '.note.gnu.property',
    ];
    t.same(await strays('kvm_nvhe.o', ...tables.map((name) => data(name, `in${name}`))), []);
    t.same(await strays('kvm_nvhe.o', { name: '.data', flags: SHF.ALLOC }), []);
    t.same(await strays('kvm_nvhe.o', { name: '.comment', flags: 0, items: [{ quad: 0n }] }), []);
    t.same(await strays('vmlinux.o', data('.data', '__kvm_nvhe_$d')), []);
    t.same(await strays('kvm_nvhe.o', data('.hyp.data', 'known')), []);
    t.same(await strays('not_kvm_nvhe.o.bak', data('.data', 'counter')), []);
  },
);

t.test('a section without bytes in the file can be a stray', async (t) => {
  const cold: BuiltSection = { name: '.cold', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 8 };
  t.same(await strays('kvm_nvhe.o', cold), ['null .cold+0']);
});

t.test(
  '.rodata, .bss and .data..ro_after_init are strays if the link gathers them or EL2 does not map them',
  async (t) => {
    const of = (name: string) => data(name, '__kvm_nvhe_x');
    for (const path of ['kvm_nvhe.o', 'vmlinux.o']) {
      for (const name of ['.rodata', '.rodata.cst16', '.bss', '.data..ro_after_init']) {
        const stray = [`__kvm_nvhe_x ${name}+0`];
        t.same(await straysBy(gathering(), path, of(name)), [], `${name} is left to the host (5.11)`);
        t.same(await straysBy(gathering(name), path, of(name)), stray, `${name} should have been gathered`);
        t.same(await strays(path, of(name)), [], `${name}, no script: the object shows that it was left`);
        const modules = policyOf(generations.pkvmModule, noFacts);
        t.same(await straysBy(modules, path, of(name)), stray, `${name}: nothing of the host is mapped`);
      }
      for (const name of ['.data', '.init.data', '.rodatas', '.data.rel.ro', '.noinstr.text'])
        t.same(await straysBy(gathering(), path, of(name)), [`__kvm_nvhe_x ${name}+0`], name);
    }
  },
);

t.test('a reference is to a stray only if the link gathers such sections', async (t) => {
  const { reference } = await judgementOn({
    access: 'load',
    to: '.rodata',
    name: '__kvm_nvhe_table',
    from: '__kvm_nvhe_f',
  });
  t.notOk(pointsAtStray(reference, gathering()));
  t.ok(pointsAtStray(reference, gathering('.rodata')));
});

t.test('addresses in .hyp__patchable_function_entries are judged as those in hyp data', async (t) => {
  const table = (to: string): BuiltSection => ({
    name: '.hyp__patchable_function_entries',
    flags: SHF.ALLOC | SHF.WRITE,
    items: [{ quad: 0n, relocation: { type: ABS64, to } }],
  });
  const host: BuiltSection = {
    name: '.text',
    flags: code,
    items: [{ label: 'of_the_host', type: STT.FUNC, binding: STB.GLOBAL }, 0xd65f03c0],
  };
  const findings = async (to: string) => {
    const object = await build({ sections: [hyp, table(to), host] }, 'vmlinux.o');
    const { diagnostics } = await check(imageOf([object], { whole: true }), plainCheck);
    return diagnostics.map(({ warning }) => warning);
  };
  t.same(await findings('__kvm_nvhe_f'), [], 'a function of hyp');
  t.same(await findings('of_the_host'), ['hyp-absolute'], 'one of the host');
});
