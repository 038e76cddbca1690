// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code that is right only as long as the compiler inlines what it need not
// inline: bugs of the next compiler, the next option, the next kernel.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';
import type { Rule } from './rule.js';

/** hyp code is right only because inline function ‘vcpu_esr’ was inlined, which its declaration does not demand */
const describe = ({ name, isHint }: FactsByWarning['hyp-inline-hint']): string =>
  `hyp code is right only because ${isHint ? 'inline ' : ''}function ${quote(name)} was inlined, which its declaration does not demand`;

export const hypInlineHint: Rule<'hyp-inline-hint'> = {
  summary: 'hyp code relies on a hint being honoured (-Wextra)',
  describe,
  page: {
    meaning: [
      'A function outside hyp sections was inlined into hyp code, and nothing in its declaration obliges the compiler to do so: `inline` is a hint where the kernel lets it be one, and a static function without it is inlined by choice. Another compiler, another level of optimisation, an instrumentation or one more caller is enough to have it emitted in .text, and then hyp code calls what EL2 does not map (hyp-call).',
      'The notes say which hyp functions rely on it, and through which other helpers. Functions that are __always_inline, that lie in a hyp section themselves, that only VHE uses, or of which no instruction is left are not reported, but for what such helpers call by their source: once they are inlined by force, that is called. What `inline` means is read from include/linux/compiler*.h and the configuration. Debug information and the source have to be at hand.',
    ],
    example: {
      sample: 'test/samples/inline/audit.o',
      text: `test/samples/inline/helpers.h:156:19: warning: hyp code is right only because inline function 'innermost' was inlined, which its declaration does not demand [-Whyp-inline-hint]
  156 | static inline u64 innermost(u64 value)
      |                   ^~~~~~~~~
      |        ------
      |        __always_inline
test/samples/inline/audit.c:52:17: note: hyp code 'uses_chains' relies on it 2 times, through 'in_the_middle' in 'outermost'
   52 |         value = outermost(value);
      |                 ^~~~~~~~~
`,
    },
    fixes: [
      'Declare the function __always_inline. -fdiagnostics-generate-patch prints that change for all of them, for `git apply`.',
      'A function of include/uapi belongs to user space too: give hyp code a helper of its own.',
      'A function that is too large to be inlined everywhere can be made hyp code (__hyp_text).',
    ],
    suppress:
      'Where the function is known to be inlined for another reason. Name it as the callee, and give the reason.',
    kernels:
      'Up to v5.8. Later kernels link hyp code by itself and take the functions that were not inlined along.',
  },
};
