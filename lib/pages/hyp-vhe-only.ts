// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What was left out because a machine without VHE never executes it, for those who
// want to see what they rely on. The notes say what keeps it out.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';
import { owner, target } from './phrases.js';
import type { Rule } from './rule.js';

const nouns = {
  call: 'call to',
  jump: 'jump to',
  load: 'read of',
  store: 'write to',
  address: 'address of',
  absolute: 'kernel address of',
} as const;

/** only VHE executes this: call to ‘trace_hardirqs_off’ (section ‘.text’) from hyp code ‘__tlb_switch_to_guest’ (section ‘.hyp.text’) */
const describe = ({ access, executedBy, from, to }: FactsByWarning['hyp-vhe-only']): string => {
  const isCall = access === 'call' || access === 'jump';
  const what =
    to.section === null && to.name !== null ? quote(to.name) : target(to, isCall ? 'code' : 'data');
  const who = executedBy === 'vhe' ? 'only VHE executes this' : 'nothing executes this';
  return `${who}: ${nouns[access]} ${what} from ${owner('hyp code', from)}`;
};

export const hypVheOnly: Rule<'hyp-vhe-only'> = {
  summary: 'a reference left out because only VHE executes it',
  describe,
  page: {
    meaning: [
      'Up to v5.8 the same hyp code serves machines with and without VHE. With VHE the whole kernel runs at EL2 and all of it is mapped, so what is behind has_vhe(), in an alternative of the VHE capability, or called from such code only, may refer to anything. hypcheck follows the code from its entry points as a machine without VHE executes it, and leaves out what it does not come to. This warning lists what was left out; the note shows the static key, alternative or test that keeps it out.',
      'Code that no machine executes while KVM runs is listed as well: "nothing executes this". No entry point leads to it, or it stands behind arm64_const_caps_ready, which is on by then.',
    ],
    example: {
      sample: 'test/samples/flow/tlb-switch.gcc-O2-keys16.o',
      text: `In function 'irqs_save',
    inlined from 'switch_to_guest_vhe' at test/samples/flow/tlb-switch.c:57:16,
    inlined from 'switch_to_guest' at test/samples/flow/tlb-switch.c:75:3:
test/samples/flow/tlb-switch.c:38:9: warning: only VHE executes this: call to 'trace_irqs_off' (section '.text') from hyp code 'switch_to_guest' (section '.hyp.text') [-Whyp-vhe-only]
   38 |         trace_irqs_off();                               /* VHE hyp-call 'trace_irqs_off' */
      |         ^~~~~~~~~~~~~~
test/samples/flow/tlb-switch.c:74:13: note: behind has_vhe(): static key 'cpu_hwcap_keys+0xb0', which is off without VHE
   74 |         if (has_vhe())
      |             ^~~~~~~
test/samples/flow/tlb-switch.gcc-O2-keys16.o(.hyp.text+0x44): note: in the object
`,
    },
    fixes: [
      'Nothing has to be fixed. Look at the place that the note shows, and see that it is a test of VHE and not of something else.',
      'To have these reported as what they would be without the guard, say --vhe=unknown.',
    ],
    suppress: 'Never necessary: the warning is off unless it is asked for.',
    kernels: 'Up to v5.8. Later kernels link the code for machines without VHE by itself.',
  },
};
