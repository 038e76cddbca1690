// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { check } from '../../lib/check.js';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { noFacts } from '../../lib/policy/hyp-map.js';
import { straysOf } from '../../lib/policy/stray-sections.js';
import { type BuiltSection, code } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';

const ABS64 = 257;

const data = (name: string, label: string): BuiltSection => ({
  name,
  flags: SHF.ALLOC | SHF.WRITE,
  items: [{ label, type: STT.OBJECT, binding: STB.GLOBAL, size: 8 }, { quad: 1n }],
});
const hyp: BuiltSection = { name: '.hyp.text', flags: code, items: [{ label: '__kvm_nvhe_f' }, 0xd65f03c0] };

const strays = async (path: string, ...sections: readonly BuiltSection[]) =>
  straysOf(await build({ sections: [hyp, ...sections] }, path)).map(
    ({ name, isFunction, place }) => `${name}${isFunction ? '()' : ''} ${place.section.name}+${place.offset}`,
  );

t.test('in an object of the nVHE link everything outside .hyp.* is a stray', async (t) => {
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

t.test('in a kernel, what has the prefix', async (t) => {
  t.same(await strays('vmlinux.o', data('.data', '__kvm_nvhe_counter'), data('.data..read_mostly', 'host')), [
    '__kvm_nvhe_counter .data+0',
  ]);
});

t.test('what is no stray: tables, empty sections, what is not loaded, mapping symbols', async (t) => {
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
  const bss: BuiltSection = { name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 8 };
  t.same(await strays('kvm_nvhe.o', bss), ['null .bss+0'], 'bss counts although it has no bytes');
});

t.test('a table of hyp whose name has no dot is hyp’s, and what it holds is judged', async (t) => {
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
    const { diagnostics } = await check(imageOf([object], { whole: true }), {
      kernel: noFacts,
      errors: new Set(),
      flow: null,
      reachOfAll: false,
      listsLeftOut: false,
      source: null,
      auditsInlines: false,
    });
    return diagnostics.map(({ warning }) => warning);
  };
  t.same(await findings('__kvm_nvhe_f'), [], 'a function of hyp');
  t.same(await findings('of_the_host'), ['hyp-absolute'], 'one of the host');
});
