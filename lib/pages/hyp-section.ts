// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Code or data of the nVHE link that keeps a section name of the host: the linker
// script of that link renames only the sections it lists, and drops nothing.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning, Writable } from './claim.js';
import { quoteSection } from './phrases.js';
import type { Rule } from './rule.js';

/**
 * variable ‘x’ of hyp code lands in section ‘.data’, where EL2 does not find it
 * section ‘.data’ of hyp code is the host's, where EL2 does not find it
 */
const describe = (facts: FactsByWarning['hyp-section']): string =>
  facts.kind === 'section'
    ? `section ${quoteSection(facts.section)} of hyp code is the host's, where EL2 does not find it`
    : `${facts.kind} ${quote(facts.name)} of hyp code lands in section ${quoteSection(facts.section)}, where EL2 does not find it`;

const RELOCATED = 'compile hyp code without -fpie: it puts a const that holds addresses there';

/** Where a link gathers .data as well, only a section that the source asks for goes astray. */
const forVariable: Readonly<Record<Writable, string>> = {
  data: 'take the section attribute off: EL2 finds .data, .bss, .rodata and .data..ro_after_init of hyp code',
  bss: 'let it start at zero, or make it const or __ro_after_init: those sections EL2 finds',
  'per-cpu':
    'make it const, __ro_after_init or per CPU: EL2 of this kernel writes to no other variables of its own',
};

const advice = {
  function: 'take __init, noinstr or the section attribute off: hyp code has only .text and .idmap.text',
  section: 'let the source not ask for this section, or the option that makes it be off for hyp code',
} as const;

const advise = (facts: FactsByWarning['hyp-section']): readonly string[] => {
  // -fpie puts data with relocations there, which would otherwise be in .rodata.
  if (facts.section.startsWith('.data.rel.ro')) return [RELOCATED];
  return [facts.kind === 'variable' ? forVariable[facts.writable] : advice[facts.kind]];
};

export const hypSection: Rule<'hyp-section'> = {
  summary: 'hyp code or data in a section that EL2 does not find',
  describe,
  advise,
  page: {
    meaning: [
      'The nVHE code is linked by itself first, by a script that gathers .text, .idmap.text, .rodata, .bss, .data..ro_after_init and .data..percpu into sections whose names begin with .hyp. Every other section keeps its name, without a word, and the final link merges it with the section of the host that has this name.',
      'So a variable that starts at a value other than zero lands in .data of the host: it has a hyp name, the kernel links, and EL2 faults on its first use. (From 6.18 on, and in kernels and modules of Android, .data becomes .hyp.data, which EL2 may write. Before 5.13 .bss stays with the host, before 5.12 .rodata too, where EL2 may read them. What a kernel gathers stands in its arch/arm64/kvm/hyp/nvhe/hyp.lds.) The place reported is the declaration; where it is used stands in notes.',
    ],
    example: {
      sample: 'test/samples/nvhe/writable-build/vmlinux.o',
      text: `test/samples/nvhe/writable/nvhe-writable.c:10:5: warning: variable 'started_at_one' of hyp code lands in section '.data', where EL2 does not find it [-Whyp-section]
   10 | u64 started_at_one = 1;                         /* WARN hyp-section 'started_at_one' */
      |     ^~~~~~~~~~~~~~
test/samples/nvhe/writable/nvhe-writable.c:24:16: note: used by 'uses_globals'
   24 |         return READ(started_at_one) + READ(local_counter) + READ(often_read) + READ(in_a_cacheline);
      |                ^~~~
test/samples/nvhe/writable/nvhe-writable.c:29:9: note: used by 'writes_globals'
   29 |         WRITE(started_at_one, value);
      |         ^~~~~
test/samples/nvhe/writable-build/vmlinux.o(.data+0x18): note: in the object
hypcheck: note: let it start at zero, or make it const or __ro_after_init: those sections EL2 finds
`,
    },
    fixes: [
      'Let the variable start at zero and set it at run time: it goes to .hyp.bss. Where there is a .hyp.data, it may start at a value.',
      'Make it const, or __ro_after_init where the host sets it at boot.',
      'Take __init, __read_mostly, noinstr and other section attributes off what is hyp code.',
    ],
    suppress:
      'For a table that EL2 never reads and the host wants to find under its own name. The tables that kernels have (.altinstructions, __jump_table, __bug_table, __kvm_ex_table) are known.',
    kernels: 'Those that link the nVHE code by itself: v5.9 and later.',
  },
};
