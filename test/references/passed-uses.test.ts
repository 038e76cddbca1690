// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Kernel addresses that are passed to other functions, which use them or not.

import t from 'tap';
import { assemble } from '../support/tools.js';
import { collect, collectFrom, skip, useTexts } from './collected.js';

/** The uses of the first absolute reference of f, which stands before the callees. */
const usesIn = async (body: string, callees: string): Promise<readonly string[]> => {
  const { references } = await collect(`${body}\n.size f, . - f\n${callees}\n.ltorg\n.set f_end, .`);
  const [one] = references.filter(({ access }) => access === 'absolute');
  return one ? useTexts(one).filter((text) => !text.startsWith('value')) : [];
};

t.test('an address that is passed as an argument has the uses in the callee', { skip }, async (t) => {
  const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['is read through', 'ldr x0, =data\nbl g\nret', 'g: ldr x0, [x0]\nret', ['argument 4', 'load 12']],
    ['is stored through', 'ldr x1, =data\nb g', 'g: str x0, [x1]\nret', ['store 8']],
    ['is branched to', 'ldr x2, =data\nbl g\nret', 'g: mov x9, x2\nbr x9', ['argument 4', 'branch 16']],
    ['is a number', 'ldr x0, =data\nbl g\nret', 'g: lsr x0, x0, #12\nret', ['argument 4']],
    ['goes to the host', 'ldr x0, =data\nbl g\nret', 'g: hvc #0\nret', ['argument 4']],
    ['is not taken', 'ldr x0, =data\nbl g\nret', 'g: ldr x0, [x1]\nret', ['argument 4']],
    ['is overwritten', 'ldr x0, =data\nbl g\nret', 'g: mov x0, x1\nldr x0, [x0]\nret', ['argument 4']],
    [
      'is handed on',
      'ldr x0, =data\nbl g\nret',
      'g: mov x1, x0\nb h\nh: ldr x0, [x1]\nret',
      ['argument 4', 'load 20'],
    ],
    ['is handed round', 'ldr x0, =data\nbl g\nret', 'g: cbz x1, 1f\nbl g\n1: ret', ['argument 4']],
  ];
  for (const [name, body, callees, expected] of rows) t.same(await usesIn(body, callees), expected, name);
});

t.test('uses in a hyp callee of another section count at the call, in host code not', { skip }, async (t) => {
  for (const [section, expected] of [
    ['.hyp.idmap.text', ['argument 4', 'load 4']],
    ['.text', ['argument 4']],
  ] as const) {
    const { references } = await collectFrom(
      assemble(`.section ${section}, "ax"\ng: ldr x0, [x0]\nret
        .section .hyp.text, "ax"\n.globl f\n.type f, %function\nf: ldr x0, =data\nbl g\nmov x0, #0\nret\n.size f, . - f\n.ltorg`),
    );
    const [one] = references.filter(({ access }) => access === 'absolute');
    t.same(one && useTexts(one), expected, section);
  }
});
