// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which family a section belongs to, by its name, anchored at the start: 32-bit
// ARM has .ARM.exidx.hyp.text. The first row that matches decides. A name that
// no row knows is judged by its flags (code is kernel code) and never taken
// for mapped.

import type { Section } from '../elf/object-file.js';
import { SHF, SHT } from '../elf/vocabulary.js';

export type Family =
  | 'hyp-text'
  | 'hyp-idmap'
  | 'hyp-rodata'
  | 'hyp-data'
  | 'hyp-percpu'
  | 'hyp-bss'
  | 'hyp-table'
  | 'hyp-unknown'
  | 'kernel-text'
  | 'init'
  | 'rodata'
  | 'bss'
  | 'data'
  | 'percpu'
  | 'ex-table'
  | 'kvm-ex-table'
  | 'alternatives'
  | 'got'
  | 'not-loaded';

const rows: readonly (readonly [RegExp, Family])[] = [
  // The hyp side. domain: arch/arm64/kvm/hyp (all versions), hyp.lds (5.10 and later).
  [/^\.hyp\.idmap\.text(\.|$)/, 'hyp-idmap'],
  [/^\.hyp\.text(\.|$)/, 'hyp-text'],
  [/^\.hyp\.rodata(\.|$)/, 'hyp-rodata'],
  [/^\.hyp\.data\.\.ro_after_init(\.|$)/, 'hyp-rodata'],
  [/^\.hyp\.data\.\.percpu(\.|$)/, 'hyp-percpu'],
  [/^\.hyp\.data(\.|$)/, 'hyp-data'], // pKVM modules, and 6.14 and later
  [/^\.hyp\.bss(\.|$)/, 'hyp-bss'],
  [/^\.hyp\.(reloc|event_ids|printk_fmts|patchable_function_entries)(\.|$)/, 'hyp-table'],
  [/^\.hyp\./, 'hyp-unknown'],
  [/^__kvm_ex_table$/, 'kvm-ex-table'],
  // Freed after boot.
  [/^\.(head|init|exit|meminit|memexit|devinit|devexit|cpuinit|cpuexit)(\.|$)/, 'init'],
  [/^\.(init|exit)call/, 'init'],
  [/^\.(init_array|fini_array|ctors|dtors)/, 'init'],
  // Kernel code.
  [
    /^\.(text|sched\.text|spinlock\.text|lock\.text|kprobes\.text|cpuidle\.text|noinstr\.text)(\.|$)/,
    'kernel-text',
  ],
  [
    /^\.(irqentry|softirqentry|exception|entry|idmap|hibernate_exit|mmuoff|tramp|ref)(\.\w+)*\.text(\.|$)/,
    'kernel-text',
  ],
  [/^\.(fixup|ref\.text|static_call\.text|tramp)/, 'kernel-text'],
  [/^\.rodata\.text$/, 'kernel-text'],
  // Between __start_rodata and __end_rodata (include/asm-generic/vmlinux.lds.h, 4.16 to 6.12).
  [/^\.rodata1?(\.|$)/, 'rodata'],
  [/^\.data\.\.ro_after_init(\.|$)/, 'rodata'],
  [/^\.data\.rel\.ro(\.|$)/, 'rodata'],
  [/^(\.pci_fixup|\.builtin_fw|\.tracedata|__init_rodata|__param|__modver|\.BTF)/, 'rodata'],
  [/^_{0,3}(ksymtab|kcrctab)/, 'rodata'],
  [/^\.bss(\.|$)/, 'bss'],
  [/^(\.altinstructions|\.altinstr_replacement)/, 'alternatives'],
  [/^\.got(\.|$)/, 'got'],
  [/^(__ex_table|\.notes?)(\.|$)/, 'ex-table'],
  [/^\.data\.\.?percpu/, 'percpu'],
  [/^(\.data|\.ref\.data|\.sdata|\.mmuoff|__bug_table|__jump_table|__tracepoints|__verbose)/, 'data'],
];

export const familyOfName = (name: string): Family | null =>
  rows.find(([pattern]) => pattern.test(name))?.[1] ?? null;

const families = new WeakMap<Section, Family>();

export const familyOf = (section: Section): Family => {
  const known = families.get(section);
  if (known) return known;
  const family = familyOfName(section.name) ?? familyOfFlags(section);
  families.set(section, family);
  return family;
};

const familyOfFlags = ({ flags, type }: Section): Family => {
  if ((flags & SHF.ALLOC) === 0) return 'not-loaded';
  if ((flags & SHF.EXECINSTR) !== 0) return 'kernel-text';
  return type === SHT.NOBITS ? 'bss' : 'data';
};

/** Sections that belong to hyp: what stands in them is checked, what leaves them is judged. */
export const isHypSection = (section: Section): boolean => section.name.startsWith('.hyp.');

/** Instructions that hyp executes. */
export const isHypCode = (section: Section): boolean =>
  isHypSection(section) && section.type !== SHT.NOBITS && (section.flags & SHF.EXECINSTR) !== 0;
