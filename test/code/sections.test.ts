// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import {
  familyOf,
  familyOfName,
  givesAddress,
  holdsCode,
  isHypCode,
  isHypSection,
  isLeftToHost,
  isOfOwnLink,
  isOfSource,
  patchTableOf,
} from '../../lib/code/sections.js';
import type { Section } from '../../lib/elf/object-file.js';
import { SHF, SHT } from '../../lib/elf/vocabulary.js';
import { build, sectionOf } from '../support/objects.js';

/** Names of input sections of arm64 kernels, 4.16 to 6.12, and their families. */
const names: readonly (readonly [string, string | null])[] = [
  ['.hyp.text', 'hyp-text'],
  ['.hyp.text.unlikely', 'hyp-text'],
  ['.hyp.textual', 'hyp-unknown'],
  ['.hyp.idmap.text', 'hyp-idmap'],
  ['.hyp.rodata', 'hyp-rodata'],
  ['.hyp.rodata.str1.8', 'hyp-rodata'],
  ['.hyp.data..ro_after_init', 'hyp-rodata'],
  ['.hyp.data..percpu', 'hyp-percpu'],
  ['.hyp.data..percpu..aligned', 'hyp-percpu'],
  ['.hyp.data', 'hyp-data'],
  ['.hyp.bss', 'hyp-bss'],
  ['.hyp.reloc', 'hyp-table'],
  ['.hyp.event_ids', 'hyp-rodata'],
  ['.hyp.patchable_function_entries', 'hyp-rodata'],
  ['.hyp.printk_fmts', 'hyp-formats'],
  ['__tracepoints_strings', 'rodata'],
  ['__tracepoints', 'data'],
  ['___kflagstab+x', 'rodata'],
  ['__fair_sched_class', 'rodata'],
  ['.hyp.new', 'hyp-unknown'],
  // HYP_SECTION() of a name without a dot (Android 16), and a name that only looks similar.
  ['.hyp__patchable_function_entries', 'hyp-rodata'],
  ['.hyp__new', 'hyp-unknown'],
  ['.hypnotic', null],
  // Names that only contain .hyp.text: unwinding tables of 32-bit ARM, relocations.
  ['.ARM.exidx.hyp.text', null],
  ['.rela.hyp.text', null],
  ['.text', 'kernel-text'],
  ['.text.unlikely', 'kernel-text'],
  ['.text.startup', 'kernel-text'],
  ['.text.cold.foo', 'kernel-text'],
  ['.sched.text', 'kernel-text'],
  ['.spinlock.text', 'kernel-text'],
  ['.kprobes.text', 'kernel-text'],
  ['.cpuidle.text', 'kernel-text'],
  ['.noinstr.text', 'kernel-text'],
  ['.irqentry.text', 'kernel-text'],
  ['.softirqentry.text', 'kernel-text'],
  ['.exception.text', 'kernel-text'],
  ['.entry.text', 'kernel-text'],
  ['.entry.tramp.text', 'kernel-text'],
  ['.idmap.text', 'kernel-text'],
  ['.hibernate_exit.text', 'kernel-text'],
  ['.mmuoff.text', 'kernel-text'],
  ['.fixup', 'kernel-text'],
  ['.ref.text', 'kernel-text'],
  ['.head.text', 'init'],
  ['.init.text', 'init'],
  ['.init.data', 'init'],
  ['.init.rodata', 'init'],
  ['.initcall6.init', 'init'],
  ['.exit.text', 'init'],
  ['.exitcall.exit', 'init'],
  ['.meminit.text', 'init'],
  ['.rodata', 'rodata'],
  ['.rodata1', 'rodata'],
  ['.rodata.cst16', 'rodata'],
  ['.rodata.str1.1', 'rodata'],
  ['.data..ro_after_init', 'rodata'],
  ['.data.rel.ro', 'rodata'],
  ['.data.rel.ro.local', 'rodata'],
  ['__ksymtab', 'rodata'],
  ['___ksymtab_gpl+kvm_init', 'rodata'],
  ['__ksymtab_strings', 'rodata'],
  ['__kcrctab_gpl', 'rodata'],
  ['__param', 'rodata'],
  ['__modver', 'rodata'],
  ['.pci_fixup_final', 'rodata'],
  ['.BTF', 'rodata'],
  ['.bss', 'bss'],
  ['.bss..page_aligned', 'bss'],
  ['.bss..pgtbl', 'data'],
  ['.data', 'data'],
  ['.data..read_mostly', 'data'],
  ['.data.once', 'data'],
  ['.data..cacheline_aligned', 'data'],
  ['.data..page_aligned', 'data'],
  ['.data..init_task', 'data'],
  ['.ref.data', 'data'],
  ['__bug_table', 'data'],
  ['__jump_table', 'data'],
  ['.mmuoff.data.read', 'data'],
  ['.mmuoff.data.write', 'data'],
  ['.data..percpu', 'percpu'],
  ['.data..percpu..shared_aligned', 'percpu'],
  ['__ex_table', 'ex-table'],
  ['.notes', 'ex-table'],
  ['.note.gnu.property', 'ex-table'],
  ['__kvm_ex_table', 'kvm-ex-table'],
  ['.altinstructions', 'alternatives'],
  ['.altinstr_replacement', 'alternatives'],
  ['.got', 'got'],
  ['.got.plt', 'got'],
  ['nobody.knows', null],
  ['', null],
];

t.test('each section name of the kernel has its family', async (t) => {
  for (const [name, family] of names) t.equal(familyOfName(name), family, `'${name}'`);
});

t.test('a section is hyp if its name begins with .hyp. or .hyp__, and not otherwise', async (t) => {
  const object = await build({
    sections: [
      { name: '.hyp.text' },
      { name: '.hyp__patchable_function_entries' },
      { name: '.ARM.exidx.hyp.text' },
      { name: '.hypnotic' },
      { name: 'hyp.text' },
    ],
  });
  t.same(
    object.sections.filter(isHypSection).map(({ name }) => name),
    ['.hyp.text', '.hyp__patchable_function_entries'],
  );
});

t.test('a section with an unknown name has a host family, by its type and flags', async (t) => {
  const object = await build({
    sections: [
      { name: 'x.code', flags: SHF.ALLOC | SHF.EXECINSTR },
      { name: 'x.data', flags: SHF.ALLOC },
      { name: 'x.bss', type: SHT.NOBITS, flags: SHF.ALLOC, size: 8 },
      { name: 'x.debug', flags: 0 },
    ],
  });
  const family = (name: string) => familyOf(sectionOf(object, name));
  t.equal(family('x.code'), 'kernel-text');
  t.equal(family('x.data'), 'data');
  t.equal(family('x.debug'), 'not-loaded');
  t.equal(family('x.bss'), 'bss');
});

t.test('each role has the sections that it should, and no others', async (t) => {
  const roles: readonly (readonly [string, (section: Section) => boolean, readonly string[]])[] = [
    [
      'only in a link of its own',
      isOfOwnLink,
      ['.hyp.rodata', '.hyp.rodata.str1.8', '.hyp.bss', '.hyp.reloc', '.hyp__patchable_function_entries'],
    ],
    [
      'left to the host by the nVHE link',
      isLeftToHost,
      [
        '.altinstructions',
        '__jump_table',
        '__bug_table',
        '__kvm_ex_table',
        '__ex_table',
        '.note.gnu.property',
      ].concat('__patchable_function_entries'),
    ],
    [
      'gives no address to code',
      (section) => !givesAddress(section),
      ['.altinstructions', '__jump_table', '__ex_table', '__kvm_ex_table', '__bug_table', '.eh_frame'].concat(
        ...['.discard.addressable', '__mcount_loc', '__patchable_function_entries', '_kprobe_blacklist'],
        ...['.orc_unwind', '.kcfi_traps', '.hyp__patchable_function_entries'],
      ),
    ],
    [
      'is written by tools, not by the source',
      (section) => !isOfSource(section),
      ['.altinstructions', '__jump_table', '__ex_table', '__kvm_ex_table', '__bug_table', '.eh_frame'].concat(
        ...['__mcount_loc', '__patchable_function_entries', '.orc_unwind', '.kcfi_traps'],
        ...['.hyp__patchable_function_entries'],
      ),
    ],
    ['holds code', holdsCode, ['.altinstr_replacement']],
    [
      'patches',
      (section) => patchTableOf(section) !== null,
      ['.altinstructions', '__jump_table', '__ex_table', '__kvm_ex_table'],
    ],
  ];
  const all = [...new Set([...names.map(([name]) => name), ...roles.flatMap(([, , of]) => of)])];
  const object = await build({ sections: all.map((name) => ({ name, flags: SHF.ALLOC })) });
  for (const [what, is, of] of roles) {
    const found = object.sections.slice(1, 1 + all.length).filter(is);
    const more = what === 'only in a link of its own' ? ['.hyp.data..ro_after_init'] : [];
    t.same(found.map(({ name }) => name).sort(), [...of, ...more].sort(), what);
  }
});

t.test('a section is code by its flags, unless it is NOBITS', async (t) => {
  const object = await build({
    sections: [
      { name: '.hyp.text', flags: SHF.ALLOC | SHF.EXECINSTR },
      { name: '.hyp.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.EXECINSTR, size: 8 },
      { name: '.hyp.rodata', flags: SHF.ALLOC },
      { name: '.text', flags: SHF.ALLOC | SHF.EXECINSTR },
    ],
  });
  const which = (is: (section: Section) => boolean) => object.sections.filter(is).map(({ name }) => name);
  t.same(which(isHypCode), ['.hyp.text']);
  t.same(which(holdsCode), ['.hyp.text', '.text']);
});
