// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What EL2 maps, as the files of a build directory say; what -v says of them; and
// what happens if one is missing or is not what it should be.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { SHF, STB, STT } from '../../lib/elf/vocabulary.js';
import { sampleOf } from '../policy/linker-scripts.js';
import { type BuiltSection, buildObject, code, type Item } from '../support/object-builder.js';
import { runMain } from '../support/run-main.js';

const SCRIPT = 'arch/arm64/kernel/vmlinux.lds';
const NORMAL = 'arch/arm64/kvm/arm.c';
const PROTECTED = 'arch/arm64/kvm/hyp/nvhe/setup.c';
const RELEASE = 'include/config/kernel.release';

const calls = (name: string, ...pairs: readonly string[]): string =>
  pairs.map((pair) => `\terr = ${name}(${pair});\n`).join('');
const own = ['__hyp_text_start, __hyp_text_end, PAGE_HYP_EXEC', '__hyp_bss_start, __hyp_bss_end, PAGE_HYP'];
const setup = (...more: readonly string[]) => calls('pkvm_create_mappings', ...own, ...more);

const load = (to: string): readonly Item[] => [
  { word: 0x90000000, relocation: { type: 275, to } }, // adrp x0, to
  { word: 0xf9400000, relocation: { type: 286, to } }, // ldr x0, [x0, :lo12:to]
];
const variable = (section: string, name: string): BuiltSection => ({
  name: section,
  flags: SHF.ALLOC | SHF.WRITE,
  items: [{ label: name, type: STT.OBJECT, binding: STB.GLOBAL, size: 8 }, { quad: 0n }],
});

/** A whole kernel whose hyp code reads a variable in `section`. */
const vmlinux = (section: string, name: string, ofOwnLink: boolean): Uint8Array =>
  buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [
          { label: '__kvm_nvhe_f', type: STT.FUNC, binding: STB.GLOBAL },
          ...load(name),
          0xd65f03c0,
          { end: '__kvm_nvhe_f' },
        ],
      },
      variable(section, name),
      ...(ofOwnLink ? [variable('.hyp.rodata', '__kvm_nvhe_own')] : []),
    ],
  });

const inTree = (t: Test, files: Readonly<Record<string, string | Uint8Array>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-kernel-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, contents] of Object.entries({ Kbuild: '', 'include/config/auto.conf': '', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  return folder;
};

/** Status, warnings, and what -v says of the map. */
const check = async (
  t: Test,
  files: Readonly<Record<string, string | Uint8Array>>,
  ...options: readonly string[]
) => {
  const directory = inTree(t, files);
  const { status, stderr } = await runMain(['-v', ...options, '--build', '.'], { directory });
  return {
    status,
    warnings: [...stderr.matchAll(/\[-W([\w-]+)\]/g)].map(([, name]) => name),
    said: [...stderr.matchAll(/^hypcheck: (what .*)$/gm)].map(([, line]) => line),
    stderr,
  };
};

const { script } = sampleOf('7.1, traced');

t.test('what EL2 maps is read from the linker script and the source of KVM', async (t) => {
  const object = vmlinux('.rodata', 'constant', true);
  const all = {
    'vmlinux.o': object,
    [SCRIPT]: script,
    [NORMAL]: calls('create_hyp_mappings', ...own, '__start_rodata, __end_rodata, PAGE_HYP_RO'),
    [PROTECTED]: setup(),
    [RELEASE]: '6.1.0\n',
  };
  t.match(await check(t, all), {
    status: 0,
    warnings: [],
    said: [`what lies where: by ${SCRIPT}`, `what KVM maps: by ${NORMAL}`],
  });
  t.match(await check(t, all, '--protected'), {
    status: 0,
    warnings: ['hyp-data'],
    said: [`what protected KVM maps: by ${PROTECTED}`, `what lies where: by ${SCRIPT}`],
  });
  const { [PROTECTED]: gone, ...less } = all;
  t.ok(gone);
  t.match(
    await check(t, less, '--protected'),
    { warnings: [], said: [/^what protected KVM maps: by the table of releases, for 6\.1\.0/, /./] },
    'without the source, by the release',
  );
});

t.test('what protected KVM maps is read from the source rather than known by the release', async (t) => {
  const name = '__kvm_nvhe_kvm_vgic_global_state';
  const kernel = (release: string, ...more: readonly string[]) => ({
    'vmlinux.o': vmlinux('.data..ro_after_init', 'kvm_vgic_global_state', true),
    [SCRIPT]: `${script}${name} = kvm_vgic_global_state;`,
    [PROTECTED]: setup(...more),
    [RELEASE]: release,
  });
  const keeps = '&kvm_vgic_global_state, &kvm_vgic_global_state + 1, PAGE_HYP_RO';
  t.match(await check(t, kernel('6.12.23'), '--protected'), { warnings: ['hyp-data'] });
  t.match(await check(t, kernel('7.9.0', keeps), '--protected'), { status: 0, warnings: [] });
  t.match(
    await check(t, kernel('6.6.0', keeps), '--protected'),
    { warnings: [] },
    'a release without a table',
  );
  t.match(await check(t, kernel('6.6.0', '__start_rodata, __end_rodata, prot'), '--protected'), {
    status: 3,
    warnings: ['hyp-unchecked'],
    stderr: /how EL2 maps|could not be judged/,
  });
});

t.test('if a file is missing or malformed, the tables are used, and -v says why', async (t) => {
  const object = vmlinux('.rodata', 'constant', true);
  const tables = [
    /^what lies where: by the table of sections/,
    /^what KVM maps: by the table of generations/,
  ];
  t.match(await check(t, { 'vmlinux.o': object }), { status: 0, warnings: [], said: tables });
  for (const [text, why] of [
    ['SECTIONS { .text : { *(.hyp.text', 'a list of sections does not end'],
    ['SECTIONS { .a : { *(.b) } }', 'does not put .hyp.text between __hyp_text_start and __hyp_text_end'],
    ['', 'does not put .hyp.text between'],
    [`${script}${' '.repeat(4 << 20)}`, 'is longer than a linker script'],
  ] as const)
    t.match(await check(t, { 'vmlinux.o': object, [SCRIPT]: text }), {
      status: 0,
      warnings: [],
      said: [new RegExp(`by the table of sections \\(.*${why}`), /./],
    });
  t.match(await check(t, { 'vmlinux.o': object, [SCRIPT]: script, [NORMAL]: 'int main(void);' }), {
    status: 0,
    said: [/./, /by the table of generations \(.*maps no __hyp_text_start\)/],
  });
  t.match(await check(t, { 'vmlinux.o': object, [RELEASE]: '6.6.0', [PROTECTED]: 'int x;' }, '--protected'), {
    status: 3,
    stderr: /what protected KVM maps in kernel 6\.6\.0 is not known/,
  });
});

t.test('5.9 and 5.10, whose hyp data is in host sections, are judged by their linker script', async (t) => {
  const caveat = /references to data were not judged/;
  for (const [section, name, warnings] of [
    ['.rodata', 'constant', []],
    ['.bss', '__kvm_nvhe_counter', []],
    ['.data', '__kvm_nvhe_setting', ['hyp-data']],
    ['.data..percpu', 'of_the_host', ['hyp-data']],
    ['.init.data', 'early', ['hyp-data']],
  ] as const) {
    const object = vmlinux(section, name, false);
    for (const kernels of ['5.9', '5.10']) {
      const judged = await check(t, { 'vmlinux.o': object, [SCRIPT]: sampleOf(kernels).script });
      t.same(judged.warnings, warnings, `${kernels} ${section}`);
      t.equal(judged.status, 0);
      t.notMatch(judged.stderr, caveat);
    }
    const unjudged = await check(t, { 'vmlinux.o': object });
    t.same(unjudged.warnings, ['hyp-unchecked'], `without a script: ${section}`);
    t.match(unjudged.stderr, caveat);
  }
});

t.test('a hyp section of unknown name is judged by where the linker script puts it', async (t) => {
  const section = '.hyp.news';
  const files = { 'vmlinux.o': vmlinux(section, '__kvm_nvhe_news', true) };
  t.match(await check(t, files), { status: 3, warnings: ['hyp-unchecked'] }, 'unknown without the script');
  const into = (before: string) => script.replace(before, `*(${section}) ${before}`);
  t.match(await check(t, { ...files, [SCRIPT]: into('*(.hyp.rodata)') }), { status: 0, warnings: [] });
  t.match(await check(t, { ...files, [SCRIPT]: into('*(.data)') }), { status: 0, warnings: ['hyp-data'] });
});

t.test('which sections the nVHE link gathers is read from hyp.lds', async (t) => {
  const NVHE = 'arch/arm64/kvm/hyp/nvhe/hyp.lds';
  const of = (...gathered: readonly string[]) =>
    `SECTIONS { ${gathered.map((name) => ` .hyp${name} : { *(${name} ${name}.*) }`).join('\n')} }`;
  const tree = (section: string, hypLds?: string) => ({
    'vmlinux.o': vmlinux(section, '__kvm_nvhe_x', true),
    ...(hypLds === undefined ? {} : { [NVHE]: hypLds }),
  });
  const by = (why: string) => `what the nVHE link gathers: by ${why}`;
  t.match(await check(t, tree('.rodata', of('.text'))), {
    status: 0,
    warnings: [],
    said: [/./, /./, by(NVHE)],
  });
  t.match(await check(t, tree('.rodata', of('.text', '.rodata'))), { warnings: ['hyp-section'] });
  t.match(await check(t, tree('.data', of('.text'))), { warnings: ['hyp-section'], stderr: /make it const/ });
  t.match(await check(t, tree('.data', of('.text', '.bss'))), { stderr: /let it start at zero/ });
  t.match(await check(t, tree('.data.x', of('.text', '.bss', '.data'))), { stderr: /attribute off/ });
  const alone = { 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o': vmlinux('.rodata', '__kvm_nvhe_x', true) };
  t.match(
    (await check(t, { ...alone, [NVHE]: of('.text') })).said.at(-1),
    by(NVHE),
    'also for kvm_nvhe.o alone',
  );
  const without = await check(t, tree('.rodata'));
  t.match(without, { status: 0, warnings: [] });
  t.same(
    without.said.filter((line) => line?.includes('gathers')),
    [],
    'without hyp.lds -v does not mention it',
  );
  const damaged = [
    ['SECTIONS { .hyp.text : {', /by the sections of the object \(arch.*hyp\.lds: /],
    ['SECTIONS { .hyp.data : { *(.data) } }', /does not gather \.text/],
  ] as const;
  for (const [text, why] of damaged) t.match((await check(t, tree('.rodata', text))).said.at(-1), why, text);
});

t.test('which sections the nVHE link of a module gathers is read from its own hyp.lds', async (t) => {
  const script = (...names: readonly string[]) =>
    `SECTIONS { ${names.map((name) => `.hyp${name} : { *(${name}) }`)} }`;
  const files = {
    'x/m.ko': vmlinux('.data', '__kvm_nvhe_x', true),
    'x/m.mod': 'x/host.o\nx/el2/kvm_nvhe.o\n',
    'x/el2/hyp.lds': script('.text', '.bss', '.data').replaceAll(',', ' '),
    'modules.order': 'x/m.ko\n',
    'vmlinux.o': vmlinux('.hyp.data', '__kvm_nvhe_x', true),
    'arch/arm64/kvm/hyp/nvhe/hyp.lds': script('.text'),
  };
  t.match(await check(t, files), {
    warnings: ['hyp-section'],
    stderr: /attribute off/,
    said: [/./, /./, 'what the nVHE link gathers: by x/el2/hyp.lds'],
  });
  const { 'x/m.mod': list, ...unlisted } = files;
  t.ok(list);
  t.match(await check(t, unlisted), { warnings: ['hyp-section'], stderr: /let it start at zero/ });
});
