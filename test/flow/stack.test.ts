// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A guard that is spilled and loaded back. In each row the host calls `f`, which
// stores at SP + 24 a number that is 0 without VHE; a machine without VHE gets to
// the call of `slot` only if it loads something else in its place.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';

const fun = (name: string, body: string): string =>
  `.type ${name}, %function\n${name}:\n${body}\n.size ${name}, . - ${name}\n`;

const guard = 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\nand x9, x9, #0x800\n';

/** `between`: code after the store; `fetch`: code that loads x9, instead of a plain load. */
const f = (between: string, fetch = 'ldr x9, [sp, #24]'): string =>
  fun(
    'f',
    `stp x29, x30, [sp, #-64]!\nmov x29, sp\n${guard}str x9, [sp, #24]\n${between}\n${fetch}\ncbz x9, 9f\nbl slot\n9: ldp x29, x30, [sp], #64\nret`,
  );

interface Row {
  readonly name: string;
  readonly code: string;
}

/** Something else is loaded, or may be. */
const lost: readonly Row[] = [
  { name: 'a store to the slot', code: f('str x1, [sp, #24]') },
  { name: 'a store by x29', code: f('str x1, [x29, #24]') },
  { name: 'a pre-indexed store by x29', code: f('str x1, [x29, #24]!\nsub x29, x29, #24') },
  { name: 'a store of one byte', code: f('strb w1, [sp, #30]') },
  { name: 'a store of a pair', code: f('stp x1, x2, [sp, #16]') },
  { name: 'a store of a pair of W registers', code: f('stp w1, w2, [sp, #20]') },
  { name: 'a store of a vector', code: f('str q0, [sp, #16]') },
  { name: 'a store of a vector that overlaps the slot', code: f('stur q0, [sp, #9]') },
  { name: 'a store of a pair of vectors', code: f('stp q0, q1, [sp]') },
  { name: 'STGP', code: f('stgp x1, x2, [sp, #16]') },
  { name: 'ST1 by a copy of SP', code: f('add x3, sp, #16\nst1 {v0.2d}, [x3]') },
  { name: 'a store at an index', code: f('str x1, [sp, x2]') },
  { name: 'STLUR', code: f('stlur x1, [sp, #24]') },
  { name: 'a store by a copy of SP', code: f('mov x3, sp\nstr x1, [x3, #24]') },
  { name: 'a store by a copy of x29', code: f('mov x3, x29\nstr x1, [x3, #24]') },
  { name: 'a store by x29 plus a register', code: f('add x3, x29, x2\nstr x1, [x3]') },
  { name: 'a store by a tagged copy of SP', code: f('addg x3, sp, #16, #0\nstr x1, [x3, #8]') },
  {
    name: 'a store by SP minus and plus a register',
    code: f('sub x4, sp, x2\nadd x4, x4, x2\nstr x1, [x4, #24]'),
  },
  {
    name: 'a store by x29, which went through memory',
    code: f('str x29, [x2]\nldr x3, [x2]\nstr x1, [x3, #24]'),
  },
  {
    name: 'a store in a callee that gets the address',
    code: f('add x0, sp, #24\nbl g') + fun('g', 'str x1, [x0]\nret'),
  },
  { name: 'a store in a callee by x29', code: f('bl g') + fun('g', 'str x1, [x29, #24]\nret') },
  { name: 'a store in a callee above its SP', code: f('bl g') + fun('g', 'str x1, [sp, #24]\nret') },
  {
    name: 'a store in a callee by the x29 that it saved and loaded back',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nldr x3, [sp]\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret'),
  },
  {
    name: 'a store in a callee by the saved x29 that it loaded as two halves',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-16]!\nldp w3, w4, [sp]\norr x3, x3, x4, lsl #32\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret',
      ),
  },
  {
    name: 'a store in a callee by the caller’s x29 in its frame record',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-16]!\nmov x29, sp\nldr x3, [x29]\nstr x1, [x3, #24]\nldp x29, x30, [sp], #16\nret',
      ),
  },
  {
    name: 'a store two calls down, by x29',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nbl h\nldp x29, x30, [sp], #16\nret') +
      fun('h', 'str x1, [x29, #24]\nret'),
  },
  {
    name: 'a store two calls down, above SP',
    code:
      f('bl g') +
      fun('g', 'stp x29, x30, [sp, #-16]!\nbl h\nldp x29, x30, [sp], #16\nret') +
      fun('h', 'str x1, [sp, #40]\nret'),
  },
  {
    name: 'a store in a tail call of the callee',
    code: f('bl g') + fun('g', 'cbz x0, h\nret') + fun('h', 'str x1, [sp, #24]\nret'),
  },
  { name: 'an unknown callee', code: f('blr x0') },
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
    name: 'a store by an SP that was moved by an unknown distance',
    code: f('mov x3, sp\nsub sp, sp, x0\nstr x1, [sp, #24]\nmov sp, x3'),
  },
  { name: 'a store on one path only', code: f('cbz x0, 1f\nstr x1, [sp, #24]\n1:') },
  {
    name: 'a store by x29, which differs on one path',
    code: f('cbz x0, 1f\nadd x29, sp, #16\n1: str x1, [x29, #8]'),
  },
  {
    name: 'a store by SP, which differs on one path',
    code: f('cbz x0, 1f\nsub sp, sp, #16\n1: str x1, [sp, #40]\nmov sp, x29'),
  },
  {
    name: 'a store in the iteration before',
    code: f('1: ldr x3, [sp, #24]\ncbnz x3, 2f\nstr x1, [sp, #24]\nsub x2, x2, #1\ncbnz x2, 1b\n2:'),
  },
  {
    name: 'a slot below SP, over a call',
    code:
      f('str x9, [sp, #-8]\nbl g', 'ldr x9, [sp, #-8]') +
      fun('g', 'str x1, [sp, #-16]!\nstr x1, [sp, #8]\nadd sp, sp, #16\nret'),
  },
  {
    name: 'a slot that was popped before a call',
    code:
      f('str x9, [sp, #-16]!\nadd sp, sp, #16\nbl g\nsub sp, sp, #16', 'ldr x9, [sp], #16') +
      fun('g', 'str x1, [sp, #-16]!\nadd sp, sp, #16\nret'),
  },
  {
    name: 'a load of half the guard and half of something else',
    code: f('str w9, [sp, #40]\nstr w1, [sp, #44]', 'ldr x9, [sp, #40]'),
  },
  {
    name: 'a load of a halfword where a byte was stored',
    code: f('tst x9, #0x800\ncset w9, ne\nstrb w9, [sp, #40]', 'ldrh w9, [sp, #40]'),
  },
  { name: 'an unaligned load from the middle of the slot', code: f('', 'ldur x9, [sp, #26]') },
  { name: 'a load into a vector register', code: f('', 'ldr q0, [sp, #24]\nfmov x9, d0') },
  {
    name: 'a slot in the frame of the caller',
    code: fun(
      'f',
      `${guard}str x9, [sp, #24]\nstr x1, [x2]\nldr x9, [sp, #24]\ncbz x9, 1f\nstp x29, x30, [sp, #-16]!\nbl slot\nldp x29, x30, [sp], #16\n1: ret`,
    ),
  },
  {
    name: 'a store behind a branch to the next function',
    code:
      fun('f', `stp x29, x30, [sp, #-64]!\n${guard}str x9, [sp, #24]\ncbz x0, g\nb g`) +
      fun('g', 'str x1, [sp, #24]\nldr x9, [sp, #24]\ncbz x9, 1f\nbl slot\n1: ldp x29, x30, [sp], #64\nret'),
  },
  {
    name: 'a nop that an alternative’s callback may overwrite',
    code: `${f(
      `7: nop\n8:\n.pushsection .altinstructions, "a"\n.word 7b - ., callback - .\n.hword 96\n.byte 4, 0\n.popsection`,
    )}.pushsection .init.text, "ax"\ncallback: ret\n.popsection\n`,
  },
];

/** The guard is still in its slot. */
const kept: readonly Row[] = [
  { name: 'nothing in between', code: f('') },
  {
    name: 'stores beside it',
    code: f('stp x1, x2, [sp, #32]\nstrb w1, [sp, #23]\nstr w1, [x29, #20]\nstr q0, [sp]\nstr q0, [sp, #32]'),
  },
  { name: 'a store through a pointer', code: f('str x1, [x2]\nst1 {v0.2d}, [x2]\nldadd x1, x3, [x2]') },
  {
    name: 'a call that keeps to its own frame',
    code:
      f('bl g') +
      fun(
        'g',
        'stp x29, x30, [sp, #-32]!\nmov x29, sp\nstr x19, [sp, #16]\nmov x19, x1\nstr x19, [x0]\nldr x19, [sp, #16]\nldp x29, x30, [sp], #32\nret',
      ),
  },
  { name: 'a push and a pop', code: f('stp x1, x2, [sp, #-16]!\nldp x1, x2, [sp], #16') },
  {
    name: 'a larger frame, and stores in it',
    code: f('sub sp, sp, #32\nstr x1, [sp, #24]\nadd sp, sp, #32'),
  },
  {
    name: 'data processing and system instructions',
    code: f('cmp x1, xzr\ncset x1, ne\nmov x3, xzr\nmsr tpidr_el2, xzr\nisb\nnop\nmrs x4, esr_el2'),
  },
  { name: 'a load by x29', code: f('', 'ldr x9, [x29, #24]') },
  {
    name: 'a load after SP has moved down',
    code: f('sub sp, sp, #16', 'ldr x9, [sp, #40]\nadd sp, sp, #16'),
  },
  { name: 'a load of its low half', code: f('', 'ldr w9, [sp, #24]') },
  { name: 'a store and a load of a W register', code: f('str w9, [sp, #40]', 'ldr w9, [sp, #40]') },
  {
    name: 'a store and a load of a byte',
    code: f('tst x9, #0x800\ncset w9, ne\nstrb w9, [sp, #40]', 'ldrb w9, [sp, #40]'),
  },
  { name: 'a sign-extending load', code: f('str w9, [sp, #40]', 'ldrsw x9, [sp, #40]') },
  { name: 'a store beside it on one path', code: f('cbz x0, 1f\nstr x1, [sp, #32]\n1:') },
  { name: 'stores beside it in a loop', code: f('1: str x1, [sp, #32]\nsub x1, x1, #1\ncbnz x1, 1b') },
  {
    name: 'data processing that an alternative’s callback may overwrite',
    code: `${f(
      `7: and x1, x1, #1\n8:\n.pushsection .altinstructions, "a"\n.word 7b - ., callback - .\n.hword 96\n.byte 4, 0\n.popsection`,
    )}.pushsection .init.text, "ax"\ncallback: ret\n.popsection\n`,
  },
];

t.test('a spilled guard counts if its slot is kept', { skip: without('aarch64-linux-gnu-as') }, async (t) => {
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
