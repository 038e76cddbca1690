// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A guard that is put on the stack and fetched again. In each row the host calls
// `f`, which stores at SP + 24 what says no without VHE; a machine without VHE
// gets to the call of `slot` only if something else is fetched in its place.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';

const fun = (name: string, body: string): string =>
  `.type ${name}, %function\n${name}:\n${body}\n.size ${name}, . - ${name}\n`;

const guard = 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\nand x9, x9, #0x800\n';

/** `between`: after the store; `fetch`: instead of a plain load. */
const f = (between: string, fetch = 'ldr x9, [sp, #24]'): string =>
  fun(
    'f',
    `stp x29, x30, [sp, #-64]!\nmov x29, sp\n${guard}str x9, [sp, #24]\n${between}\n${fetch}\ncbz x9, 9f\nbl slot\n9: ldp x29, x30, [sp], #64\nret`,
  );

interface Row {
  readonly name: string;
  readonly code: string;
}

/** Something else is fetched, or may be. */
const lost: readonly Row[] = [
  { name: 'a store of the same slot', code: f('str x1, [sp, #24]') },
  { name: 'by x29', code: f('str x1, [x29, #24]') },
  { name: 'by x29, stepped', code: f('str x1, [x29, #24]!\nsub x29, x29, #24') },
  { name: 'of one byte', code: f('strb w1, [sp, #30]') },
  { name: 'of a pair', code: f('stp x1, x2, [sp, #16]') },
  { name: 'of a pair of halves', code: f('stp w1, w2, [sp, #20]') },
  { name: 'of a vector', code: f('str q0, [sp, #16]') },
  { name: 'of a vector that reaches into it', code: f('stur q0, [sp, #9]') },
  { name: 'of vectors', code: f('stp q0, q1, [sp]') },
  { name: 'of a pair with a tag', code: f('stgp x1, x2, [sp, #16]') },
  { name: 'of a structure', code: f('add x3, sp, #16\nst1 {v0.2d}, [x3]') },
  { name: 'at an index', code: f('str x1, [sp, x2]') },
  { name: 'with release', code: f('stlur x1, [sp, #24]') },
  { name: 'by a copy of SP', code: f('mov x3, sp\nstr x1, [x3, #24]') },
  { name: 'by a copy of x29', code: f('mov x3, x29\nstr x1, [x3, #24]') },
  { name: 'by a sum of x29', code: f('add x3, x29, x2\nstr x1, [x3]') },
  { name: 'by a tagged copy', code: f('addg x3, sp, #16, #0\nstr x1, [x3, #8]') },
  { name: 'by the difference to SP', code: f('sub x4, sp, x2\nadd x4, x4, x2\nstr x1, [x4, #24]') },
  { name: 'by x29 out of memory', code: f('str x29, [x2]\nldr x3, [x2]\nstr x1, [x3, #24]') },
  {
    name: 'by a callee that gets the address',
    code: f('add x0, sp, #24\nbl g') + fun('g', 'str x1, [x0]\nret'),
  },
  { name: 'by a callee through x29', code: f('bl g') + fun('g', 'str x1, [x29, #24]\nret') },
  { name: 'by a callee above its SP', code: f('bl g') + fun('g', 'str x1, [sp, #24]\nret') },
  {
    name: 'by a callee that reads the x29 that it has saved',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nldr x3, [sp]\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret'),
  },
  {
    name: 'by a callee that reads half of it',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-16]!\nldp w3, w4, [sp]\norr x3, x3, x4, lsl #32\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret',
      ),
  },
  {
    name: 'by a callee that follows x29 up',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-16]!\nmov x29, sp\nldr x3, [x29]\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret',
      ),
  },
  {
    name: 'two calls down, by x29',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nbl h\nldp x29, x30, [sp], #16\nret') +
      fun('h', 'str x1, [x29, #24]\nret'),
  },
  {
    name: 'two calls down, above SP',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nbl h\nldp x29, x30, [sp], #16\nret') +
      fun('h', 'str x1, [sp, #40]\nret'),
  },
  {
    name: 'by a tail call',
    code: f('bl g') + fun('g', 'cbz x0, h\nret') + fun('h', 'str x1, [sp, #24]\nret'),
  },
  { name: 'by a callee that nobody knows', code: f('blr x0') },
  {
    name: 'a callee that moves SP',
    code:
      f('str x1, [sp, #40]\nbl g\n', 'ldr x9, [sp, #24]\nsub sp, sp, #16') + fun('g', 'add sp, sp, #16\nret'),
  },
  {
    name: 'a callee that moves x29',
    code: f('bl g\nstr x1, [x29, #8]') + fun('g', 'add x29, x29, #16\nret'),
  },
  {
    name: 'a callee that takes x29 from memory',
    code: f('bl g\nstr x1, [x29, #8]') + fun('g', 'ldr x29, [x0]\nret'),
  },
  { name: 'a callee that ends in ERET', code: f('bl g') + fun('g', 'stp x29, x30, [x0]\neret') },
  {
    name: 'SP that is moved by an unknown distance',
    code: f('mov x3, sp\nsub sp, sp, x0\nstr x1, [sp, #24]\nmov sp, x3'),
  },
  { name: 'on one way only', code: f('cbz x0, 1f\nstr x1, [sp, #24]\n1:') },
  { name: 'x29 elsewhere on one way', code: f('cbz x0, 1f\nadd x29, sp, #16\n1: str x1, [x29, #8]') },
  {
    name: 'SP elsewhere on one way',
    code: f('cbz x0, 1f\nsub sp, sp, #16\n1: str x1, [sp, #40]\nmov sp, x29'),
  },
  {
    name: 'in the iteration before',
    code: f('1: ldr x3, [sp, #24]\ncbnz x3, 2f\nstr x1, [sp, #24]\nsub x2, x2, #1\ncbnz x2, 1b\n2:'),
  },
  {
    name: 'below SP, over a call',
    code:
      f('str x9, [sp, #-8]\nbl g', 'ldr x9, [sp, #-8]') +
      fun('g', 'str x1, [sp, #-16]!\nstr x1, [sp, #8]\nadd sp, sp, #16\nret'),
  },
  {
    name: 'a slot that was popped',
    code:
      f('str x9, [sp, #-16]!\nadd sp, sp, #16\nbl g\nsub sp, sp, #16', 'ldr x9, [sp], #16') +
      fun('g', 'str x1, [sp, #-16]!\nadd sp, sp, #16\nret'),
  },
  {
    name: 'half of it fetched with half of another',
    code: f('str w9, [sp, #40]\nstr w1, [sp, #44]', 'ldr x9, [sp, #40]'),
  },
  {
    name: 'a byte fetched as more',
    code: f('tst x9, #0x800\ncset w9, ne\nstrb w9, [sp, #40]', 'ldrh w9, [sp, #40]'),
  },
  { name: 'fetched from in between', code: f('', 'ldur x9, [sp, #26]') },
  { name: 'a vector fetched', code: f('', 'ldr q0, [sp, #24]\nfmov x9, d0') },
  {
    name: 'in the frame of the caller',
    code: fun(
      'f',
      `${guard}str x9, [sp, #24]\nstr x1, [x2]\nldr x9, [sp, #24]\ncbz x9, 1f\nstp x29, x30, [sp, #-16]!\nbl slot\nldp x29, x30, [sp], #16\n1: ret`,
    ),
  },
  {
    name: 'under a label that is a function of its own',
    code:
      fun('f', `stp x29, x30, [sp, #-64]!\n${guard}str x9, [sp, #24]\ncbz x0, g\nb g`) +
      fun('g', 'str x1, [sp, #24]\nldr x9, [sp, #24]\ncbz x9, 1f\nbl slot\n1: ldp x29, x30, [sp], #64\nret'),
  },
  {
    name: 'what a callback of the host may put there',
    code: `${f(
      `7: nop\n8:\n.pushsection .altinstructions, "a"\n.word 7b - ., callback - .\n.hword 96\n.byte 4, 0\n.popsection`,
    )}.pushsection .init.text, "ax"\ncallback: ret\n.popsection\n`,
  },
];

/** It is still there. */
const kept: readonly Row[] = [
  { name: 'nothing in between', code: f('') },
  {
    name: 'stores beside it',
    code: f('stp x1, x2, [sp, #32]\nstrb w1, [sp, #23]\nstr w1, [x29, #20]\nstr q0, [sp]\nstr q0, [sp, #32]'),
  },
  { name: 'a store through a pointer', code: f('str x1, [x2]\nst1 {v0.2d}, [x2]\nldadd x1, x3, [x2]') },
  {
    name: 'a call',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-32]!\nmov x29, sp\nstr x19, [sp, #16]\nmov x19, x1\nstr x19, [x0]\nldr x19, [sp, #16]\nldp x29, x30, [sp], #32\nret',
      ),
  },
  { name: 'a push and its pop', code: f('stp x1, x2, [sp, #-16]!\nldp x1, x2, [sp], #16') },
  { name: 'more of the stack', code: f('sub sp, sp, #32\nstr x1, [sp, #24]\nadd sp, sp, #32') },
  {
    name: 'what computes, and the system',
    code: f('cmp x1, xzr\ncset x1, ne\nmov x3, xzr\nmsr tpidr_el2, xzr\nisb\nnop\nmrs x4, esr_el2'),
  },
  { name: 'fetched by x29', code: f('', 'ldr x9, [x29, #24]') },
  { name: 'fetched from lower down', code: f('sub sp, sp, #16', 'ldr x9, [sp, #40]\nadd sp, sp, #16') },
  { name: 'half of it', code: f('', 'ldr w9, [sp, #24]') },
  { name: 'stored as half', code: f('str w9, [sp, #40]', 'ldr w9, [sp, #40]') },
  {
    name: 'as a byte',
    code: f('tst x9, #0x800\ncset w9, ne\nstrb w9, [sp, #40]', 'ldrb w9, [sp, #40]'),
  },
  { name: 'sign-extended', code: f('str w9, [sp, #40]', 'ldrsw x9, [sp, #40]') },
  { name: 'both ways', code: f('cbz x0, 1f\nstr x1, [sp, #32]\n1:') },
  { name: 'in a loop', code: f('1: str x1, [sp, #32]\nsub x1, x1, #1\ncbnz x1, 1b') },
  {
    name: 'over a change of addresses',
    code: `${f(
      `7: and x1, x1, #1\n8:\n.pushsection .altinstructions, "a"\n.word 7b - ., callback - .\n.hword 96\n.byte 4, 0\n.popsection`,
    )}.pushsection .init.text, "ax"\ncallback: ret\n.popsection\n`,
  },
];

t.test('guards on the stack', { skip: without('aarch64-linux-gnu-as') }, async (t) => {
  const rows = [
    ...lost.map((row) => ({ ...row, isLost: true })),
    ...kept.map((row) => ({ ...row, isLost: false })),
  ];
  for (const { name, code, isLost } of rows) {
    const bytes = assemble(
      `.arch armv8.5-a+memtag+lse+rcpc\n.section .hyp.text, "ax"\n${code}.data\n.quad f\n.text\n${fun('slot', 'ret')}`,
    );
    const { stderr } = await inFolder(async (folder) => {
      writeFileSync(join(folder, 'x.o'), bytes);
      return runMain(['--whole', '--vhe-cap=11', '-fdiagnostics-plain-output', join(folder, 'x.o')]);
    });
    t.equal(/call to 'slot'/.test(stderr), isLost, name);
  }
});
