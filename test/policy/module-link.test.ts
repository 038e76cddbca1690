// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hyp code of a module may refer to: itself and, by calls, hyp text of other
// modules.

import t from 'tap';
import { check } from '../../lib/check.js';
import type { ObjectFile } from '../../lib/elf/object-file.js';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { plainCheck } from '../support/check-options.js';
import { type BuiltSection, code, type Item } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';

const global = (label: string): Item => ({ label, type: STT.FUNC, binding: STB.GLOBAL });
const CALL26 = 283;
const JUMP26 = 282;
const ADRP = 275;
const ADD_LO12 = 277;
const LDR64_LO12 = 286;
const ABS64 = 257;
const PREL32 = 261;
const RET = 0xd65f03c0;

const call = (to: string): Item => ({ word: 0x94000000, relocation: { type: CALL26, to } });
const jump = (to: string): Item => ({ word: 0x14000000, relocation: { type: JUMP26, to } });
const load = (to: string): readonly Item[] => [
  { word: 0x90000000, relocation: { type: ADRP, to } },
  { word: 0xf9400000, relocation: { type: LDR64_LO12, to } }, // ldr x0, [x0, :lo12:to]
];
const address = (to: string): readonly Item[] => [
  { word: 0x90000000, relocation: { type: ADRP, to } },
  { word: 0x91000000, relocation: { type: ADD_LO12, to } }, // add x0, x0, :lo12:to
];

const text = (...items: readonly Item[]): BuiltSection => ({
  name: '.hyp.text',
  flags: code,
  items: [global('__kvm_nvhe_f'), ...items, RET, { end: '__kvm_nvhe_f' }],
});
const data = (name: string, label: string): BuiltSection => ({
  name,
  flags: SHF.ALLOC | SHF.WRITE,
  items: [{ label, type: STT.OBJECT, binding: STB.GLOBAL, size: 8 }, { quad: 0n }],
});
const own: readonly BuiltSection[] = [
  data('.hyp.rodata', '__kvm_nvhe_constant'),
  data('.hyp.data', '__kvm_nvhe_counter'),
  { name: '.hyp.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 8 },
];

/** The findings on all inputs, a line each. */
const findings = async (...objects: readonly ObjectFile[]): Promise<readonly string[]> => {
  const { diagnostics } = await check(imageOf(objects, { whole: true }), plainCheck);
  return diagnostics.map(({ warning, message }) => `${warning}: ${message}`.replaceAll(/[‘’]/g, "'")).sort();
};

const module = (...sections: readonly BuiltSection[]) => build({ sections }, 'drivers/x/x.ko');

t.test('hyp code of a module may refer to its own sections', async (t) => {
  t.same(
    await findings(await module(text(...load('__kvm_nvhe_constant'), ...load('__kvm_nvhe_counter')), ...own)),
    [],
  );
});

t.test('only a call to an undefined symbol is unknown: another module may export a function', async (t) => {
  t.match(await findings(await module(text(call('__kvm_nvhe_elsewhere')), ...own)), [
    /^hyp-unchecked: references to 'elsewhere' could not be judged/,
  ]);
  t.match(await findings(await module(text(jump('__kvm_nvhe_elsewhere')), ...own)), [
    /^hyp-call: jump to 'elsewhere', which is not defined in hyp code, from hyp code 'f'/,
  ]);
  t.match(await findings(await module(text(...load('__kvm_nvhe_elsewhere')), ...own)), [
    /^hyp-data: read of 'elsewhere', which is not defined in hyp code/,
  ]);
  t.match(await findings(await module(text(...address('__kvm_nvhe___hyp_text_start')), ...own)), [
    /^hyp-data: address of '__hyp_text_start'/,
  ]);
  const slot: BuiltSection = {
    name: '.hyp.rodata',
    items: [
      { label: '__kvm_nvhe_table' },
      { quad: 0n, relocation: { type: ABS64, to: '__kvm_nvhe_elsewhere' } },
    ],
  };
  t.match(await findings(await module(text(), slot)), [
    /^hyp-absolute: hyp data 'table' \(section '\.hyp\.rodata'\) holds the address of 'elsewhere'/,
  ]);
  t.match(
    await findings(await module(text(call('__kvm_nvhe___asan_load8_noabort')), ...own)),
    [/^hyp-instrumentation: call to '__asan_load8_noabort'/],
    'no module exports that',
  );
});

t.test('of an exporting module among the inputs, only hyp text may be referred to, by calls', async (t) => {
  const exporter = await build(
    {
      sections: [
        { name: '.hyp.text', flags: code, items: [global('__kvm_nvhe_elsewhere'), RET] },
        { name: '.text', flags: code, items: [global('of_the_host'), RET] },
        data('.hyp.data', '__kvm_nvhe_its_data'),
        { name: '.hyp.rodata' },
      ],
    },
    'drivers/y/y.ko',
  );
  const with_ = async (...items: readonly Item[]) =>
    findings(await build({ sections: [text(...items), ...own] }, 'x.ko'), exporter);
  const others = await findings(await module(text(), ...own), exporter);
  t.same(
    others.filter((line) => !line.startsWith('hyp-section')),
    [],
    'without a reference, no finding',
  );
  t.same(await with_(call('__kvm_nvhe_elsewhere')), others);
  t.match(
    (await with_(jump('__kvm_nvhe_elsewhere'))).join(),
    /hyp-call: jump to 'elsewhere' \(section '\.hyp\.text'\)/,
  );
  t.match((await with_(call('of_the_host'))).join(), /hyp-call: call to 'of_the_host' \(section '\.text'\)/);
  t.match(
    (await with_(...load('__kvm_nvhe_its_data'))).join(),
    /hyp-data: read of 'its_data' \(section '\.hyp\.data'\)/,
  );
});

t.test('a weak function of a module is not replaced by another module’s', async (t) => {
  const weak: Item = { label: '__kvm_nvhe_helper', type: STT.FUNC, binding: STB.WEAK };
  const withWeak = await build(
    { sections: [text(call('__kvm_nvhe_helper'), RET, weak), ...own] },
    'drivers/x/x.ko',
  );
  const strong: BuiltSection = { name: '.hyp.text', flags: code, items: [global('__kvm_nvhe_helper'), RET] };
  const other = await build({ sections: [data('.hyp.data', '__kvm_nvhe_y'), strong] }, 'drivers/y/y.ko');
  const jumps = await build(
    { sections: [text(jump('__kvm_nvhe_helper'), RET, weak), ...own] },
    'drivers/z/z.ko.gz',
  );
  t.same(await findings(other, withWeak), []);
  t.same(await findings(other, jumps), []);
});

t.test('a module may not call hyp code of the kernel, which is judged by its own generation', async (t) => {
  const kernel = await build(
    {
      sections: [
        {
          name: '.hyp.text',
          flags: code,
          items: [global('__kvm_nvhe_memcpy'), ...load('in_rodata'), RET, { end: '__kvm_nvhe_memcpy' }],
        },
        data('.rodata', 'in_rodata'),
        { name: '.hyp.rodata' },
      ],
    },
    'vmlinux.o',
  );
  t.same(await findings(kernel), [], 'EL2 maps .rodata for the kernel');
  const made = await build({ sections: [text(call('__kvm_nvhe_memcpy')), ...own] }, 'x.ko');
  t.match(await findings(kernel, made), [/call to 'memcpy' \(section '\.hyp\.text'\)/]);
});

t.test('host sections of a module are never mapped', async (t) => {
  for (const name of ['.rodata', '.bss', '.data', '.data..ro_after_init', '.init.data']) {
    const host: BuiltSection =
      name === '.bss'
        ? { name, type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 8 }
        : { name, flags: SHF.ALLOC | SHF.WRITE, items: [{ quad: 0n }] };
    const symbols = [{ name: 'host_variable', in: { section: name }, size: 8, binding: STB.GLOBAL }];
    const object = await build({ sections: [text(...load('host_variable')), host, ...own], symbols }, 'x.ko');
    t.match(await findings(object), [/^hyp-data: read of 'host_variable'/], name);
  }
});

t.test('adding tpidr_el2 to the address of a module’s variable is hyp-data', async (t) => {
  const MRS_X1_TPIDR_EL2 = 0xd53cd041;
  const LDR_INDEXED = 0xf8616800; // ldr x0, [x0, x1]
  const ADD = 0x8b010000; // add x0, x0, x1
  const MOV_X1_8 = 0xd2800101;
  const on = async (...items: readonly Item[]) => findings(await module(text(...items), ...own));
  const counter = address('__kvm_nvhe_counter');
  t.match(await on(...counter, MRS_X1_TPIDR_EL2, LDR_INDEXED), [/^hyp-data: .*'counter'/]);
  t.match(
    await on(MRS_X1_TPIDR_EL2, ...counter, ADD, 0xf9400000),
    [/^hyp-data: .*'counter'/],
    'added before the load',
  );
  t.match(await on(...counter, MRS_X1_TPIDR_EL2, 0xf8606820), [/'counter'/], 'ldr x0, [x1, x0]');
  t.same(await on(...counter, MOV_X1_8, LDR_INDEXED), [], 'an array by another index');
  t.same(await on(...counter, MRS_X1_TPIDR_EL2, 0xf9000001), [], 'tpidr_el2 is stored, not added');
});

t.test('a relative relocation between hyp sections of a module is fine', async (t) => {
  const reloc: BuiltSection = {
    name: '.hyp.reloc',
    items: [{ word: 0, relocation: { type: PREL32, to: '__kvm_nvhe_constant' } }],
  };
  t.same(await findings(await module(text(), reloc, ...own)), []);
});
