// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A reference that nobody wrote: the compiler made it, for an instrumentation or as a
// library call. Which one, and what to do, is in lib/policy/instrumentation.ts.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';
import { describeAbsolute } from './hyp-absolute.js';
import { describeCall } from './hyp-call.js';
import { describeData } from './hyp-data.js';
import { owner } from './phrases.js';
import type { Rule } from './rule.js';

const describeWhat = (facts: FactsByWarning['hyp-instrumentation']): string => {
  if (!('to' in facts)) {
    const who = owner('hyp code', facts.from);
    return facts.access === 'push'
      ? `use of the shadow call stack in ${who}`
      : `the host patches calls into ${who}, which ${quote(facts.table ?? '?')} lists`;
  }
  const { access, from, to } = facts;
  switch (access) {
    case 'call':
    case 'jump':
      return describeCall({ access, from, to });
    case 'load':
    case 'store':
    case 'address':
      return describeData({ access, from, to });
    case 'absolute':
      return describeAbsolute({ use: 'held', from, to });
    default:
      return access satisfies never;
  }
};

/**
 * call to ‘__asan_load8_noabort’ (section ‘.text’) from hyp code ‘f’ (section ‘.hyp.text’): made by the compiler for KASAN
 * use of the shadow call stack in hyp code ‘f’ (section ‘.hyp.text’): made by the compiler for the shadow call stack
 * the host patches calls into hyp code ‘f’ (section ‘.hyp.text’), which ‘__mcount_loc’ lists: made by the compiler for function tracing
 */
const describe = (facts: FactsByWarning['hyp-instrumentation']): string =>
  `${describeWhat(facts)}: made by the compiler for ${facts.instrumentation.what}`;

/**
 * set KASAN_SANITIZE := n in arch/arm64/kvm/hyp/nvhe/Makefile
 * it comes with CONFIG_KASAN
 */
const advise = ({ instrumentation }: FactsByWarning['hyp-instrumentation']): readonly string[] => [
  instrumentation.remedy,
  ...(instrumentation.option === null ? [] : [`it comes with ${instrumentation.option}`]),
];

export const hypInstrumentation: Rule<'hyp-instrumentation'> = {
  summary: 'what the compiler put into hyp code, and EL2 lacks',
  describe,
  advise,
  page: {
    meaning: [
      'The source has no such call or access: the compiler put it there, for a sanitizer, coverage, profiling, tracing or the stack protector, or because it made a library call of a structure copy, of a loop, of an atomic operation. The run time of these lives in the kernel, which EL2 does not map.',
      'Two of these have no reference in the object. The shadow call stack is pushed to through x18, which at EL2 holds a pointer of the host, or of the guest. And a function that is listed in __patchable_function_entries or __mcount_loc gets a call of the host patched in once it is traced. Each is told once a function, where a machine without VHE executes it.',
      'Of the others hyp-call and hyp-data would say the same; this warning adds what made the reference, which option brings it, and how it is kept out of hyp code.',
    ],
    example: {
      sample: 'test/samples/hyp-text/kasan.o',
      text: `test/samples/hyp-text/kasan.c: In function 'loads':
test/samples/hyp-text/kasan.c:11:16: warning: call to '__asan_load8_noabort', which is not defined in hyp code, from hyp code 'loads' (section '.hyp.text'): made by the compiler for KASAN [-Whyp-instrumentation]
   11 |         return *from + 1;                       /* WARN hyp-instrumentation '__asan_load8_noabort' */
      |                ^
test/samples/hyp-text/kasan.o(.hyp.text+0x10): note: in the object
hypcheck: note: set KASAN_SANITIZE := n in arch/arm64/kvm/hyp/Makefile (up to v5.8) or arch/arm64/kvm/hyp/nvhe/Makefile
hypcheck: note: it comes with CONFIG_KASAN
`,
    },
    fixes: [
      'Do what the note says: mostly a line of the Makefile of the hyp directory that switches the instrumentation off for its objects.',
      'Look at code that was moved: a file that is not below the hyp directory does not get its flags.',
      'For library calls, give hyp code a copy of its own (nVHE code links private copies of memcpy and memset), or write the code so that none is made.',
    ],
    suppress:
      'Hardly ever: where the reference cannot be executed on a machine without VHE and hypcheck could not see that.',
    kernels:
      'All. What is legal differs: newer kernels run kernel control-flow integrity and trapping UBSAN at EL2 without calling out.',
  },
};
