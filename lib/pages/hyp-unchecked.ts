// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What could not be judged. The sentence is made where the trouble is known; only the
// one about undefined symbols, one per run, is worded here.

import { quote } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';
import type { Rule } from './rule.js';

/** ‘a’ / ‘a’ and ‘b’ / ‘a’, ‘b’ and others: no count, which would change from build to build. */
const list = (names: readonly string[]): string => {
  const [first = '', second, third] = names.map(quote);
  if (second === undefined) return first;
  return third === undefined ? `${first} and ${second}` : `${first}, ${second} and others`;
};

/** In the same line, so that a lone object has one message and not two. */
const remedy =
  'check vmlinux.o or the build directory (--build), or say --whole if these are all hyp objects';

const remedyForModules = 'check it together with the modules that may export them to EL2';

/** references to ‘panic’, ‘printk’ and others could not be judged: no input defines them; check vmlinux.o or ... */
const describe = (facts: FactsByWarning['hyp-unchecked']): string =>
  facts.kind === 'sentence'
    ? facts.sentence
    : `references to ${list(facts.names)} could not be judged: no input defines ${facts.names.length === 1 ? 'it' : 'them'}; ${facts.link === 'module' ? remedyForModules : remedy}`;

export const hypUnchecked: Rule<'hyp-unchecked'> = {
  summary: 'something that could not be judged',
  describe,
  page: {
    meaning: [
      'hypcheck met something that it does not understand or does not have: a relocation type or a section that it does not know, a damaged file, LLVM bitcode in place of machine code, symbols that another object may define. What could be judged was judged.',
      'The exit status is then 3, also where the warning itself is switched off: clean means proven clean. Only a reviewed suppression takes the status away.',
    ],
    example: {
      sample: 'test/samples/nvhe/aliases-build/arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o',
      text: `test/samples/nvhe/aliases-build/arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o: warning: references to 'not_in_the_list' could not be judged: no input defines it; check vmlinux.o or the build directory (--build), or say --whole if these are all hyp objects [-Whyp-unchecked]
`,
    },
    fixes: [
      'Check what is complete: vmlinux.o, a vmlinux, a module, or a build directory with --build DIR. There, what is not defined is known not to be hyp code.',
      'Say --whole where all hyp objects of the kernel are among the files named.',
      'With LTO, check vmlinux.o: the objects before it hold no machine code.',
      'Report a relocation or a section that hypcheck does not know; it should.',
    ],
    suppress:
      'Where the thing was looked at by a person and found harmless. Name the section or the symbol, and give the reason.',
    kernels: 'All.',
  },
};
