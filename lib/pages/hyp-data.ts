// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code uses data that EL2 does not map.

import { familyOfName } from '../code/sections.js';
import type { FactsByWarning } from './claim.js';
import { type AdviceByLink, adviceFor, owner, target } from './phrases.js';
import type { Rule } from './rule.js';

/**
 * read of ‘jiffies’ (section ‘.data’) in hyp code ‘handle_trap’ (section ‘.hyp.text’)
 * write to ‘jiffies’ (section ‘.data’) in hyp code ‘handle_trap’ (section ‘.hyp.text’)
 * read of ‘jiffies’, which is not defined in hyp code, in hyp code ‘handle_trap’ (section ‘.hyp.text’)
 * address of ‘jiffies’ (section ‘.data’) formed in hyp code ‘handle_trap’ (section ‘.hyp.text’)
 */
export const describeData = ({ access, from, to }: FactsByWarning['hyp-data']): string => {
  const data = target(to, 'data');
  const code = owner('hyp code', from);
  switch (access) {
    case 'load':
      return `read of ${data} in ${code}`;
    case 'store':
      return `write to ${data} in ${code}`;
    case 'address':
      return `address of ${data} formed in ${code}`;
    default:
      return access satisfies never;
  }
};

const advice: AdviceByLink = {
  shared:
    'hand the value over in the vcpu or an argument; what does not change after boot can be const or __ro_after_init',
  own: 'hand the value over in an argument or in a variable of hyp code that the host sets; what does not change after boot can be const or __ro_after_init',
  alias:
    'hand the value over in a variable of hyp code that the host sets: the alias in image-vars.h makes this link, and EL2 still does not map it',
  module:
    'define it in the hyp code of the module, whose .data, .bss and .rodata EL2 maps, or get at it through struct pkvm_module_ops',
};

const PER_CPU =
  'use an array with an element for each CPU: in a module DEFINE_PER_CPU makes one variable and no copies';

const UNDEFINED =
  'hand the value over in an argument or in a variable of hyp code that the host sets; an alias in image-vars.h makes it link, and helps only to read what is in .rodata, __ro_after_init or .bss';
const PERCPU_OF_HYP =
  "use this_cpu_ptr() or per_cpu_ptr(): at the variable's own address is the template that the copies are made of";
const PERCPU_OF_HOST = 'give hyp code a per-CPU variable of its own: those of the host are not mapped at EL2';

const advise = ({ link, to, isPerCpu }: FactsByWarning['hyp-data']): readonly string[] => {
  if (isPerCpu) return [PER_CPU];
  const family = to.section === null ? null : familyOfName(to.section);
  if (family === 'hyp-percpu') return [PERCPU_OF_HYP];
  if (link !== 'own' && link !== 'alias') return adviceFor(advice, link);
  if (family === 'percpu') return [PERCPU_OF_HOST];
  return link === 'own' && to.section === null ? [UNDEFINED] : adviceFor(advice, link);
};

export const hypData: Rule<'hyp-data'> = {
  summary: 'hyp code uses data that EL2 does not map',
  describe: describeData,
  advise,
  page: {
    meaning: [
      'Hyp code reads or writes a variable in a section that EL2 does not map without VHE, such as .data, .init.data or the per-CPU template, or forms its address relative to the program counter. The access is a data abort at EL2, which nobody handles.',
      'Of the data of the host EL2 maps .rodata, .data..ro_after_init and .bss, and these read-only; protected KVM maps hardly any of it (--protected).',
    ],
    example: {
      sample: 'test/samples/hyp-text/data-sections.o',
      text: `test/samples/hyp-text/data-sections.c: In function 'reads_what_is_not':
test/samples/hyp-text/data-sections.c:36:13: warning: read of 'in_data' (section '.data') in hyp code 'reads_what_is_not' (section '.hyp.text') [-Whyp-data]
   36 |         u64 sum = READ(in_data);                /* WARN hyp-data 'in_data' */
      |             ^~~
test/samples/hyp-text/data-sections.o(.hyp.text+0x50): note: in the object
`,
    },
    fixes: [
      'Hand the value over: as an argument of the hypercall, in the vcpu, or in a variable of hyp code that the host sets before EL2 runs.',
      'Make a variable that does not change after boot const or __ro_after_init: EL2 can read it there, unless KVM is protected.',
      'Use the accessor of the hyp copy for per-CPU variables (in nVHE code, this_cpu_ptr of a variable of its own).',
    ],
    suppress:
      'Where the address is only compared or passed on and never used at EL2, or where the code runs with the MMU off and means a physical address.',
    kernels:
      'All. Which sections are mapped differs between the single .hyp.text (up to v5.8), the nVHE code of its own link, and protected KVM; -v says which generation was found.',
  },
};
