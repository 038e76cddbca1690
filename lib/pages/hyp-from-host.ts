// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The other direction: host code branches into code that can only run at EL2.

import type { FactsByWarning } from './claim.js';
import { owner, target } from './phrases.js';
import type { Rule } from './rule.js';

/** call to hyp code ‘f’ (section ‘.hyp.text’), which runs only at EL2, from host code ‘g’ (section ‘.text’) */
const describe = ({ access, from, to }: FactsByWarning['hyp-from-host']): string =>
  `${access} to hyp code ${target(to, 'code')}, which runs only at EL2, from ${owner('host code', from)}`;

export const hypFromHost: Rule<'hyp-from-host'> = {
  summary: 'host code branches straight into code of EL2',
  describe,
  advise: () => ['use kvm_call_hyp_nvhe(), which enters EL2 by HVC'],
  page: {
    meaning: [
      'Code of the nVHE link is made for EL2: it uses registers that EL1 may not touch, and addresses of the hyp address space. Host code that branches to it, by the symbol with the prefix __kvm_nvhe_, runs it at EL1, where the first such instruction is undefined.',
      'To take the address of such a function, to hand it to EL2, or to read and set hyp variables before EL2 runs, is right and is not reported.',
    ],
    example: {
      sample: 'test/samples/nvhe/from-host-build/vmlinux.o',
      text: `test/samples/nvhe/from-host/host.c: In function 'calls_hyp':
test/samples/nvhe/from-host/host.c:15:19: warning: call to hyp code 'hyp_helper' (section '.hyp.text'), which runs only at EL2, from host code 'calls_hyp' (section '.text') [-Whyp-from-host]
   15 |         u64 sum = nvhe_symbol(hyp_helper)(value);       /* WARN hyp-from-host 'hyp_helper' */
      |                   ^~~~~~~~~~~
test/samples/nvhe/from-host-build/vmlinux.o(.text+0x38): note: in the object
hypcheck: note: use kvm_call_hyp_nvhe(), which enters EL2 by HVC
`,
    },
    fixes: [
      'Make a hypercall of it: kvm_call_hyp_nvhe(), and a handler in the table of hypercalls.',
      'Share the code as source instead: an inline function that both sides compile.',
    ],
    suppress:
      'Where the host runs at EL2 when it gets there, as early boot code does before it drops to EL1.',
    kernels: 'v5.9 and later. Before, the host with VHE called the same .hyp.text, and rightly so.',
  },
};
