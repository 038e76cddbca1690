// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code stores to memory that EL2 maps read-only.

import type { FactsByWarning } from './claim.js';
import { type AdviceByLink, adviceFor, owner, target } from './phrases.js';
import type { Rule } from './rule.js';

/** write to ‘kvm_arm_vmid_bits’ (section ‘.bss’), which EL2 maps read-only, in hyp code ‘f’ (section ‘.hyp.text’) */
const describe = ({ from, to }: FactsByWarning['hyp-write']): string =>
  `write to ${target(to, 'data')}, which EL2 maps read-only, in ${owner('hyp code', from)}`;

const advice: AdviceByLink = {
  shared: 'keep the value in memory that EL2 may write: the vcpu, struct kvm, the per-CPU host data',
  own: 'give hyp code a variable that is not const and starts at zero: EL2 may write .hyp.bss',
  alias:
    'give hyp code a variable of its own that starts at zero: EL2 may write .hyp.bss, and only read what the alias names',
  module: 'give the module a variable that is not const: EL2 may write its .data and .bss',
};

/** Up to 5.12 the nVHE link leaves .bss of hyp code to the host. */
const SHARED_BSS =
  'make it per CPU, or keep the value in what the host passes: the nVHE link of this kernel leaves .bss to the host, and EL2 may only read that';

export const hypWrite: Rule<'hyp-write'> = {
  summary: 'hyp code stores to memory that EL2 maps read-only',
  describe,
  advise: ({ link, to }) =>
    link === 'own' && to.section === '.bss' ? [SHARED_BSS] : adviceFor(advice, link),
  page: {
    meaning: [
      'Hyp code may read the .bss, .rodata and .data..ro_after_init of the host, but EL2 maps them without the right to write. The same holds for read-only data of hyp code itself. The store is a permission fault at EL2.',
      'It is easily missed: the host may write the same variable, reading it works, and with VHE the store works too.',
    ],
    example: {
      sample: 'test/samples/hyp-text/data-sections.o',
      text: `test/samples/hyp-text/data-sections.c: In function 'writes_what_is_read_only':
test/samples/hyp-text/data-sections.c:51:9: warning: write to 'in_bss' (section '.bss'), which EL2 maps read-only, in hyp code 'writes_what_is_read_only' (section '.hyp.text') [-Whyp-write]
   51 |         WRITE(in_bss, value);                   /* WARN hyp-write 'in_bss' */
      |         ^~~~~
test/samples/hyp-text/data-sections.o(.hyp.text+0xac): note: in the object
`,
    },
    fixes: [
      'In nVHE code, give hyp a variable of its own that starts at zero: it goes to .hyp.bss, the only section of the image that EL2 may write.',
      'Up to v5.8, keep the value in memory that is mapped writable for EL2: the vcpu, struct kvm, the per-CPU host data.',
    ],
    suppress: 'Where the store cannot be executed on a machine without VHE and hypcheck could not see that.',
    kernels: 'All.',
  },
};
