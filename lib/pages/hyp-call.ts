// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Control leaves hyp text: the warning for which this program was written.

import type { FactsByWarning } from './claim.js';
import { type AdviceByLink, adviceFor, owner, target } from './phrases.js';
import type { Rule } from './rule.js';

/**
 * call to ‘vcpu_esr’ (section ‘.text’) from hyp code ‘handle_trap’ (section ‘.hyp.text’)
 * call to ‘memset’, which is not defined in hyp code, from hyp code ‘handle_trap’ (section ‘.hyp.text’)
 */
export const describeCall = ({ access, from, to }: FactsByWarning['hyp-call']): string =>
  `${access} to ${target(to, 'code')} from ${owner('hyp code', from)}`;

const advice: AdviceByLink = {
  shared: 'make the callee __always_inline or hyp code (__hyp_text), or leave the work to the host',
  own: 'define the callee below arch/arm64/kvm/hyp/nvhe/, or leave the work to the host; an alias in image-vars.h would only make it link',
  alias:
    'give hyp code a function of its own: the alias in image-vars.h makes this link, and EL2 still does not map it',
  module:
    'define the callee in the hyp code of the module, or call it through struct pkvm_module_ops; of other modules only a plain call (bl) to hyp text is resolved',
};

export const hypCall: Rule<'hyp-call'> = {
  summary: 'control leaves hyp text for code that EL2 does not map',
  describe: describeCall,
  advise: ({ link }) => adviceFor(advice, link),
  page: {
    meaning: [
      'Without VHE, the code that KVM runs at EL2 sees only the small part of the kernel that was mapped for it. Hyp code calls, or jumps to, a function outside that part. Nothing stops the build; when the branch is executed, EL2 takes an instruction abort and the whole machine goes down.',
      'It is most often a helper declared `static inline` that the compiler chose to emit out of line, so that its code lies in .text. Where that is so, the chain of `inlined from` lines leads to the hyp function, and the line shown is the one inside the innermost helper.',
    ],
    example: {
      sample: 'test/samples/hyp-text/call-helper.o',
      text: `In function 'vcpu_is_valid',
    inlined from 'vcpu_register' at test/samples/hyp-text/call-helper.c:39:7,
    inlined from 'calls_through_inlines' at test/samples/hyp-text/call-helper.c:54:9:
test/samples/hyp-text/call-helper.c:34:16: warning: call to 'vcpu_esr' (section '.text') from hyp code 'calls_through_inlines' (section '.hyp.text') [-Whyp-call]
   34 |         return vcpu_esr(vcpu) & (1 << 24);              /* WARN hyp-call 'vcpu_esr' */
      |                ^~~~~~~~
test/samples/hyp-text/call-helper.o(.hyp.text+0x40): note: in the object
`,
    },
    fixes: [
      'Declare the helper __always_inline, so that there is nothing left for the compiler to decide.',
      'Make the callee hyp code: __hyp_text on it up to v5.8, a function below arch/arm64/kvm/hyp/nvhe/ later.',
      'Leave the work to the host: return to EL1 and call the function there.',
    ],
    suppress:
      'Where the branch cannot be executed on a machine without VHE and hypcheck could not see that. Name caller and callee, and give the reason.',
    kernels:
      'All. Up to v5.8 the linker accepts such a call without a word. From v5.9 on it refuses names that are not among the aliases of the nVHE code; what remains are aliases of host functions, and objects that have not been linked yet.',
  },
};
