// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What EL2 maps, by a linker script and by the tables. The expected places are the
// linkers': an object with a section of each name is linked by the script, and nm
// says where its symbols ended up.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { familyOfName } from '../../lib/code/sections.js';
import { readLinkerScript } from '../../lib/linker-script/linker-script.js';
import { SectionLayout } from '../../lib/linker-script/section-layout.js';
import { type Generation, generations } from '../../lib/policy/generations.js';
import { HypMap, noFacts } from '../../lib/policy/hyp-map.js';
import { type Locations, locate, type Mapping, mappingAt } from '../../lib/policy/mapped.js';
import { dataCaveatOf } from '../../lib/policy/policy.js';
import { inFolder, run, without } from '../support/tools.js';
import { policyOf } from './judged.js';
import { sampleOf, samples } from './linker-scripts.js';

const common = [
  ...['.head.text', '.text', '.text.hot', '.text.f', '.text.unlikely', '.entry.text', '.fixup', '.init.text'],
  ...[
    '.rodata',
    '.rodata.str1.8',
    '.data..ro_after_init',
    '.rodata1',
    '___ksymtab+f',
    '__param',
    '__ex_table',
  ],
  ...['.init.data', '.initcall6.init', '.altinstructions', '.data..percpu', '.data..percpu..read_mostly'],
  ...[
    '.data',
    '.data.once',
    '.data..page_aligned',
    '.data..read_mostly',
    '.mmuoff.data.read',
    '__jump_table',
  ],
  ...['.bss', '.bss..page_aligned', '.sbss', '.hyp.text', '.hyp.idmap.text', '__tracepoints_strings'],
];
/** Sections of some kernels only. */
const ofSome = [
  '.bss..pgtbl',
  ...['.hyp.rodata', '.hyp.data..ro_after_init', '.hyp.data..percpu', '.hyp.bss', '.hyp.data', '.hyp.reloc'],
  ...[
    '.hyp.event_ids',
    '.hyp__patchable_function_entries',
    '.hyp.printk_fmts',
    '.hyp.nobody_knows',
    '.hyp.text.f',
  ],
];

const scriptOf = (text: string): SectionLayout => new SectionLayout(readLinkerScript('vmlinux.lds', text));
const byScript = (generation: Generation, text: string): HypMap =>
  new HypMap(generation, { ...noFacts, layout: () => scriptOf(text) });
const mappingBy = (map: HypMap, section: string): Mapping =>
  map.ofSection(section, familyOfName(section) ?? (/bss/.test(section) ? 'bss' : 'data'));

const flagsOf = (section: string): string => {
  if (/bss/.test(section)) return '"aw",@nobits';
  if (/text|fixup/.test(section)) return '"ax"';
  return /data/.test(section) && !/rodata/.test(section) ? '"aw"' : '"a"';
};

/** Where a linker puts the symbols: one in each section, and those of the script. */
const linked = (linker: string, script: string, sections: readonly string[]): Locations => {
  const source = sections.map(
    (section, index) =>
      `.section "${section}",${flagsOf(section)}\n.globl in_${index}\nin_${index}: .skip 8\n`,
  );
  return inFolder((folder) => {
    writeFileSync(join(folder, 'input.s'), `${source.join('')}.comm common,8,8\n`);
    writeFileSync(join(folder, 'script'), script);
    run('aarch64-linux-gnu-as', ['-o', 'input.o', 'input.s'], folder);
    run(linker, ['-T', 'script', '-o', 'output', 'input.o'], folder);
    const symbols = new Map(
      [...run('aarch64-linux-gnu-nm', ['output'], folder).matchAll(/^([0-9a-f]+) \S (\S+)$/gm)].map(
        ([, value = '', name = '']) => [name, Number(BigInt(`0x${value}`) & 0xffffffffffn)],
      ),
    );
    const headers = run('aarch64-linux-gnu-readelf', ['-SW', 'output'], folder);
    return {
      symbol: (name) => symbols.get(name) ?? null,
      section: (name) => {
        const pattern = new RegExp(
          `\\] ${name.replaceAll('.', '\\.')} +\\S+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)`,
        );
        const [, address, size] = pattern.exec(headers) ?? [];
        if (address === undefined || size === undefined) return null;
        const start = Number(BigInt(`0x${address}`) & 0xffffffffffn);
        return { start, end: start + Number.parseInt(size, 16) };
      },
    };
  });
};

const { script, generation } = sampleOf('7.1, traced');

for (const linker of ['aarch64-linux-gnu-ld', 'ld.lld-19']) {
  const skip = without(linker, 'aarch64-linux-gnu-as', 'aarch64-linux-gnu-nm');
  for (const { kernels, generation, script } of samples) {
    t.test(`${kernels}: sections are where ${linker} puts them`, { skip }, async (t) => {
      const sections = [
        ...common,
        ...ofSome.filter((name) => script.includes(name) || /nobody|\.f$/.test(name)),
      ];
      const locations = linked(linker, script, sections);
      const map = byScript(generation, script);
      const located = locate(map.parts(), locations);
      for (const [index, section] of sections.entries()) {
        const at = locations.symbol(`in_${index}`);
        t.not(at, null, `${section} is linked`);
        const expected = at === null ? 'unmapped' : mappingAt(located, at);
        if (section === '.hyp.nobody_knows') {
          t.equal(mappingBy(map, section), 'unknown', 'the linker chooses its place');
          continue;
        }
        t.equal(mappingBy(map, section), expected, section);
      }
      const at = locations.symbol('common');
      t.equal(map.ofSection('COMMON', 'bss'), at === null ? null : mappingAt(located, at), 'common symbols');
    });
  }
}

/** Unmapped by the table, since some kernels of the generation do not map them; hyp code has no use for them. */
const tableKnowsLess = (kernels: string): RegExp => {
  if (kernels === '4.16 to 5.4') return /^$/;
  return kernels === '5.8 with the exception table' ? /^__(ex|jump)_table$/ : /^__jump_table$/;
};

t.test('the tables agree with the scripts', async (t) => {
  for (const { kernels, generation, script } of samples) {
    const [table, map] = [new HypMap(generation, noFacts), byScript(generation, script)];
    // A script has no place for sections that its kernel does not have; the table has.
    const layout = scriptOf(script);
    const sections = [...common, ...ofSome].filter((section) => layout.placesOf(section).length > 0);
    for (const section of sections) {
      if (tableKnowsLess(kernels).test(section)) {
        t.equal(mappingBy(table, section), 'unmapped', `${kernels}: ${section}`);
        continue;
      }
      t.equal(mappingBy(table, section), mappingBy(map, section), `${kernels}: ${section}`);
    }
    for (const name of ['__hyp_text_start', '__hyp_text_end', '__start_rodata', '__end_rodata', '__bss_stop'])
      t.equal(table.ofSymbol(name), map.ofSymbol(name), `${kernels}: ${name}`);
  }
});

t.test('a section of unknown name is mapped as the names around it in the script say', async (t) => {
  const section = '.hyp.something_new';
  t.equal(mappingBy(new HypMap(generation, noFacts), section), 'unknown', 'by the table');
  t.equal(mappingBy(byScript(generation, script), section), 'unknown', 'not in the script');
  const places: readonly (readonly [before: string, mapping: Mapping])[] = [
    ['*(.hyp.rodata)', 'read-only'],
    ['*(.hyp.data)', 'writable'],
    ['*(.hyp.bss)', 'writable'],
    ['*(__kvm_ex_table)', 'code'],
    ['*(.hyp.reloc)', 'unmapped'],
    ['*(.bss)', 'read-only'],
  ];
  for (const [before, mapping] of places) {
    const bounds = `__hyp_new_start = .; KEEP(*(SORT(${section} ${section}.*))) __hyp_new_end = .;`;
    const changed = script.replace(before, `${before} ${bounds}`);
    t.not(changed, script);
    const map = byScript(generation, changed);
    t.equal(mappingBy(map, section), mapping, before);
    t.equal(mappingBy(map, `${section}.f`), mapping, before);
    for (const name of ['__kvm_nvhe___hyp_new_start', '__hyp_new_end'])
      t.equal(map.ofSymbol(name), mapping, name);
  }
});

t.test('.bss is read-only, with (5.13) or without a part of it for hyp code (5.11, 5.12)', async (t) => {
  const older = script.replace(/__hyp_bss_start = .*__hyp_bss_end = \.;/, '');
  t.notMatch(older, /__hyp_bss/);
  t.equal(mappingBy(byScript(generation, older), '.bss'), 'read-only');
  t.equal(mappingBy(byScript(generation, script), '.bss'), 'read-only');
  t.equal(mappingBy(byScript(generation, script), '.hyp.bss'), 'writable');
});

t.test(
  'a section whose place depends on the file is unknown, unless all places are mapped alike',
  async (t) => {
    const on = (before: string, more: string, section: string) =>
      mappingBy(byScript(generation, script.replace(before, `${more} ${before}`)), section);
    t.equal(on('*(.hyp.rodata)', 'arch/arm64/kvm/*.o(.hyp.data)', '.hyp.data'), 'unknown');
    t.equal(on('*(.hyp.rodata)', '*(EXCLUDE_FILE(*fixed.o) .hyp.data)', '.hyp.data'), 'unknown');
    t.equal(
      on('*(.hyp.rodata)', 'fixed.o(.hyp.rodata)', '.hyp.rodata'),
      'read-only',
      'both are mapped alike',
    );
    t.equal(on('*(.hyp.rodata)', '*(.hyp.data)', '.hyp.data'), 'read-only', 'the first statement takes it');
  },
);

t.test('the linker script is read for the caveat on data only where the generation has one', (t) => {
  let asked = 0;
  const kernel = {
    ...noFacts,
    layout: () => {
      asked++;
      return null;
    },
  };
  t.equal(dataCaveatOf(policyOf(generations.nvhe, kernel)), null);
  t.equal(dataCaveatOf(policyOf(generations.hypText, kernel)), null);
  t.equal(asked, 0);
  t.match(dataCaveatOf(policyOf(generations.nvheEarly, kernel)), /not judged/);
  t.equal(asked, 1);
  t.end();
});
