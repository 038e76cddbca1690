// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A branch that the linker led somewhere else: only a finished kernel has these.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';
import { owner, quoteSection, target } from './phrases.js';
import type { Rule } from './rule.js';

/**
 * call to ‘far’ (section ‘.text’) from hyp code ‘f’ (section ‘.hyp.text’) goes through veneer ‘__far_veneer’ (section ‘.text’)
 * hyp code ‘f’ (section ‘.hyp.text’) goes through a stub of the linker for an erratum, in section ‘.text’
 */
const describe = ({ access, from, to, veneer }: FactsByWarning['hyp-veneer']): string => {
  const section = veneer.section === null ? '' : quoteSection(veneer.section);
  // A stub's name is a counter or an address.
  if (veneer.kind === 'erratum')
    return `${owner('hyp code', from)} goes through a stub of the linker for an erratum, in section ${section}`;
  const name = veneer.name === null ? 'a veneer' : `veneer ${quote(veneer.name)}`;
  return `${access} to ${target(to, 'code')} from ${owner('hyp code', from)} goes through ${name} (section ${section})`;
};

const advise = ({ veneer }: FactsByWarning['hyp-veneer']): readonly string[] => {
  if (veneer.kind === 'erratum')
    return ['let the linker script gather what the linker adds behind *(.hyp.text) before __hyp_text_end'];
  return [
    veneer.isAbsolute
      ? 'the veneer loads the kernel address of its target, which is none at EL2: call hyp code, or leave the work to the host'
      : "the linker makes a veneer where the target is out of a branch's reach (128 MB), so it is no hyp code: call hyp code, or leave the work to the host",
  ];
};

export const hypVeneer: Rule<'hyp-veneer'> = {
  summary: 'a branch of hyp code goes through a linker veneer',
  describe,
  advise,
  page: {
    meaning: [
      "A branch reaches 128 MB. Where its target is farther away, the linker leads it to a veneer, a few instructions that load the target's address and branch there; for some errata of cores it moves an instruction into a stub. No object shows that: it is in the finished kernel only.",
      'A veneer outside hyp text is not mapped at EL2. One that holds an absolute address (lld, without -pie) branches to a kernel address, which is none there. And hyp text is small, so a target that is out of reach is seldom hyp code. A stub among hyp text is right and is not reported.',
    ],
    example: {
      sample: 'test/samples/linked/far.gnu',
      text: `test/samples/linked/far.S: In function 'calls_far':
test/samples/linked/far.S:42: warning: call to 'far_function' (section '.text.far') from hyp code 'calls_far' (section '.hyp.text') goes through veneer '__far_function_veneer' (section '.text') [-Whyp-veneer]
   42 |         bl      far_function            // WARN hyp-veneer 'far_function'
test/samples/linked/far.gnu(.hyp.text+0x4): note: in the object
hypcheck: note: the linker makes a veneer where the target is out of a branch's reach (128 MB), so it is no hyp code: call hyp code, or leave the work to the host
`,
    },
    fixes: [
      'Call hyp code instead, or leave the work to the host: the veneer goes with the call.',
      'For a stub of an erratum: gather it before __hyp_text_end in the linker script.',
    ],
    suppress: 'Where the branch cannot be executed on a machine without VHE and hypcheck could not see that.',
    kernels: 'All, where they are large enough. Veneers are in vmlinux, never in vmlinux.o.',
  },
};
