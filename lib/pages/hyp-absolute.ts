// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// 64-bit absolute addresses. In the older generation a literal holds a kernel
// address, which may be given to the host and must not be used at EL2. In the nVHE
// link every slot is turned into a hyp address at boot, so its target must be mapped
// at EL2.

import type { FactsByWarning } from './claim.js';
import { type AdviceByLink, adviceFor, owner, target } from './phrases.js';
import type { Rule } from './rule.js';

const uses = { branch: 'branched to', load: 'read through', store: 'written through' } as const;

/**
 * kernel address of ‘panic’ (section ‘.text.unlikely’) is branched to in hyp code ‘f’ (section ‘.hyp.text’)
 * hyp data ‘host_hcall’ (section ‘.hyp.rodata’) holds the address of ‘f’ (section ‘.text’), which belongs to the host
 * hyp data ‘host_hcall’ (section ‘.hyp.rodata’) holds the address of ‘f’, which is not defined in hyp code
 */
export const describeAbsolute = ({ use, from, to }: FactsByWarning['hyp-absolute']): string => {
  const what = target(to, 'data');
  if (use !== 'held') return `kernel address of ${what} is ${uses[use]} in ${owner('hyp code', from)}`;
  const holder = owner(from.section?.endsWith('text') ? 'hyp code' : 'hyp data', from);
  const isUndefined = to.section === null && to.name !== null;
  return `${holder} holds the address of ${isUndefined ? what.replace(/,$/, '') : `${what}, which belongs to the host`}`;
};

const advice: AdviceByLink = {
  shared: 'form the address relative to the program counter: adrp and add, or hyp_symbol_addr() in C',
  own: 'let it name code or data of hyp only, and look the host up where its address is needed',
  alias:
    'let it name code or data of hyp only: the alias in image-vars.h makes this link, and EL2 does not map it',
  module: "let it name code or data in the module's own hyp sections: the slot is made an address there",
};

export const hypAbsolute: Rule<'hyp-absolute'> = {
  summary: 'a kernel address where EL2 would use it as its own',
  describe: describeAbsolute,
  // Only a link of its own has slots that become hyp addresses.
  advise: ({ link, use }) => adviceFor(advice, use === 'held' && link === 'shared' ? 'own' : link),
  page: {
    meaning: [
      'EL2 without VHE has an address space of its own. An address that is computed relative to the program counter is a hyp address there; a 64-bit absolute one, from a literal, a table of pointers or of labels, or a single pointer, is what the kernel calls the place.',
      'Up to v5.8 nothing changes such an address. To give it to the host or to make a physical address of it is right, and is not reported; to branch to it, to read or to write through it at EL2 is reported, where that is done; a note names the table that it was loaded from. It is followed into the hyp functions that it is handed to, but not through memory, and not into a function that is called through a pointer.',
      'In the nVHE code of later kernels every such slot is turned into a hyp address at boot. A slot that names something of the host then holds an address where nothing is mapped.',
    ],
    example: {
      sample: 'test/samples/hyp-text/panic-literal.o',
      text: `test/samples/hyp-text/panic-literal.S:20: warning: kernel address of 'panic' (section '.text.unlikely') is branched to in hyp code 'panic_by_call' (section '.hyp.text') [-Whyp-absolute]
   20 |         ldr     x0, =panic; blr x0              // WARN hyp-absolute 'panic'
test/samples/hyp-text/panic-literal.o(.hyp.text+0xc): note: in the object
`,
    },
    fixes: [
      'Up to v5.8, form the address relative to the program counter (adrp and add, hyp_symbol_addr() in C) where EL2 itself uses it.',
      'Up to v5.8, convert what is loaded from a table (kern_hyp_va()), or let the table hold distances, as the compilers do for a switch.',
      'In nVHE code, let the table name hyp functions and hyp data only, or compute the address of the host where it is needed.',
    ],
    suppress:
      'Where the value is not used as an address at EL2, although it looks so: it is compared, or converted first.',
    kernels:
      'All; what is reported changes between v5.11 and v5.13, when hyp code got tables that are fixed up at boot.',
  },
};
