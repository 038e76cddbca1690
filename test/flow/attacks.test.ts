// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Code that hides a call from the walk, or that a walk once took for executed
// although it is not. Each row is hyp code that the host calls at `f`; a machine
// without VHE executes the calls of bad_..., and not those of ok_....

import t from 'tap';
import { type Attack, attack, last, skip } from './attacked.js';
import { fun } from './walked.js';

/** `f` has 0 in x19 over the call of `g`, and g brings something else back in it. */
const kept = (g: string): string =>
  fun(
    'f',
    'stp x29, x30, [sp, #-32]!\nmov x19, #0\nbl g\ncbz x19, 1f\nbl bad_kept\n1: ldp x29, x30, [sp], #32\nret',
  ) + fun('g', `stp x29, x19, [sp, #-16]!\nmov x29, sp\n${g}`);

/** `there` changes SP or what it points to, `back` undoes that: in between, g's saved x19 is not at SP + 8. */
const elsewhere = (there: string, back: string): string =>
  kept(`${there}\nldr x19, [sp, #8]\n${back}\nldp x29, xzr, [sp], #16\nret`);

/** A branch by a table of labels, with an unbounded index; `more`: data behind the labels. */
const labelled = (section: string, more: string): string =>
  fun(
    'f',
    `adrp x1, t\nadd x1, x1, :lo12:t\nldr x0, [x1, x0, lsl #3]\nbr x0\n1: bl bad_label\nb .\n2: ret
      .pushsection ${section}\n.type t, %object\nt: .quad 1b, 2b${more}\n.size t, . - t\n.popsection`,
  );

const rows: readonly Attack[] = [
  {
    name: 'RETAA branches to the address in x30, which its operands do not name',
    code: fun('f', 'adrp x30, one\nadd x30, x30, :lo12:one\nretaa') + last('one'),
  },
  { name: 'RETAB branches to a label in x30', code: fun('f', 'adr x30, 1f\nretab\n1: bl bad_label\nb .') },
  { name: 'ADDVL moves SP by vector lengths', code: elsewhere('addvl sp, sp, #-1', 'addvl sp, sp, #1') },
  { name: 'ADDPL moves SP by predicate lengths', code: elsewhere('addpl sp, sp, #-16', 'addpl sp, sp, #16') },
  {
    name: 'SUBG moves SP and changes its tag',
    code: elsewhere('subg sp, sp, #32, #0', 'addg sp, sp, #32, #0'),
  },
  { name: 'IRG gives SP a random tag', code: elsewhere('irg sp, sp', 'irg sp, sp') },
  { name: 'MSR SPSel selects another SP', code: elsewhere('msr spsel, #0', 'msr spsel, #1') },
  {
    name: 'MSR SPSel with a register selects another SP',
    code: elsewhere('msr spsel, xzr', 'msr spsel, #1'),
  },
  {
    name: 'ADDG changes the frame pointer and its tag',
    code: kept('addg x29, x29, #16, #0\nldr x19, [x29, #8]\nldr x29, [sp], #16\nret'),
  },
  {
    name: 'HVC returns results in registers',
    code: fun('f', 'mov x0, #0\nmov x5, #0\nhvc #0\ncbz x5, 1f\nbl bad_hvc\n1: ret'),
  },
  {
    name: 'a table of distances from itself to functions is read at an unbounded index',
    code:
      fun('f', 'adr x1, 1f\nldrsw x2, [x1, x0, lsl #2]\nadd x1, x1, x2\nbr x1\n1: .word one - 1b, two - 1b') +
      last('one') +
      last('two'),
  },
  {
    name: 'a table of distances from a label lies in another section',
    code:
      `${fun('f', 'adrp x1, t\nadd x1, x1, :lo12:t\nldrsw x2, [x1, x0, lsl #2]\nadr x3, base\nadd x1, x3, x2\nblr x1\nbase: ret')}` +
      `${last('one')}${last('two')}.pushsection .rodata, "a"\nt: .word one - base, two - base\n.popsection\n`,
  },
  {
    name: 'a table of halfwords counts instructions',
    code:
      fun(
        'f',
        'adr x1, 1f\nldrsh x2, [x1, x0, lsl #1]\nadd x1, x1, x2, lsl #2\nbr x1\n1: .hword (one - 1b) / 4, 0',
      ) + last('one'),
  },
  {
    name: 'ADRP stands in one function and the ADD that completes the address in another',
    code: fun('f', 'adrp x0, one\nb g') + fun('g', 'add x0, x0, :lo12:one\nbr x0') + last('one'),
    said: /^$/,
  },
  {
    name: 'a callee that restores x19 or panics keeps x19 known',
    code:
      fun(
        'f',
        'stp x29, x30, [sp, #-32]!\nmov x19, #0\nbl g\ncbz x19, 1f\nbl ok_saved\n1: ldp x29, x30, [sp], #32\nret',
      ) +
      fun('g', 'str x19, [sp, #-16]!\nldr x19, [x0]\ncbz x19, 2f\nldr x19, [sp], #16\nret\n2: bl panic') +
      fun('next', 'mov x19, #1\nret'),
  },
  {
    name: 'a switch whose cases are two apart rotates its index, as clang compiles it',
    code: fun(
      'f',
      `ror w9, w0, #1\ncmp w9, #1\nb.hi 9f\nadrp x8, t\nadd x8, x8, :lo12:t\n1: adr x10, 1b
        ldrsw x11, [x8, x9, lsl #2]\nadd x10, x10, x11\nbr x10
        2: adrp x8, cpu_hwcaps\nldr x8, [x8, :lo12:cpu_hwcaps]\ntbz x8, #11, 9f\nbl ok_behind\nb 9f
        3: bl bad_arm\n9: ret\n.pushsection .rodata, "a"\nt: .word 2b - 1b, 3b - 1b\n.popsection`,
    ),
  },
  {
    name: 'a callee branches to an argument that it stored on the stack and loaded back',
    code:
      fun(
        'f',
        'stp x29, x30, [sp, #-16]!\nadrp x2, one\nadd x2, x2, :lo12:one\nbl g\nldp x29, x30, [sp], #16\nret',
      ) +
      fun(
        'g',
        'stp x29, x30, [sp, #-32]!\nstr x2, [sp, #24]\nldr x9, [sp, #24]\nmov x2, #0\nblr x9\nldp x29, x30, [sp], #32\nret',
      ) +
      last('one'),
  },
  {
    name: 'a callee loads a saved register into another one and branches to it',
    code:
      fun(
        'f',
        'stp x19, x30, [sp, #-16]!\nadrp x19, one\nadd x19, x19, :lo12:one\nbl g\nldp x19, x30, [sp], #16\nret',
      ) +
      fun('g', 'stp x19, x30, [sp, #-16]!\nldr x9, [sp]\nblr x9\nldp x19, x30, [sp], #16\nret') +
      last('one'),
  },
  {
    name: 'a callee loads a saved register as two halves and branches to it',
    code:
      fun(
        'f',
        'stp x19, x30, [sp, #-16]!\nadrp x19, one\nadd x19, x19, :lo12:one\nbl g\nldp x19, x30, [sp], #16\nret',
      ) +
      fun(
        'g',
        'stp x19, x30, [sp, #-16]!\nldp w9, w10, [sp]\norr x9, x9, x10, lsl #32\nblr x9\nldp x19, x30, [sp], #16\nret',
      ) +
      last('one'),
  },
  {
    name: 'a read-only table of labels: control goes to these',
    code: `${labelled('.rodata, "a"', '')}.type f, %function\n3: bl ok_between\n.size f, . - f\n`,
  },
  {
    name: 'a writable table of labels: control goes anywhere in the function',
    code: `${labelled('.data, "aw"', '')}3: bl bad_between\n.size f, . - f\n`,
  },
  {
    name: 'a table of labels and a number: control goes anywhere in the function',
    code: `${labelled('.rodata, "a"', ', 0')}3: bl bad_between\n.size f, . - f\n`,
  },
  {
    name: 'control runs off the end of the section',
    code: fun('f', 'cbz x0, 1f\nbl bad_end\nret\n1: add x0, x0, #1\nnop'),
    said: /control goes on where section '.hyp.text' has ended/,
  },
  {
    name: 'a branch goes far behind the end of the section',
    code: fun('f', 'cbz x0, 1f\nbl bad_end\nret\n1: b . + 0x1000'),
    said: /control goes on where section '.hyp.text' has ended/,
  },
  {
    name: 'a call may be the last instruction before padding',
    code: fun('f', 'cbz x0, 1f\nbl bad_end\nret\n1: bl somebody\nnop\nnop'),
  },
  {
    name: 'BRK does not return without VHE, nor does one in replacement code',
    code: fun(
      'f',
      `cbz x0, 2f\nbrk #0x800\nbl ok_behind\n2: bl bad_beside\n3: nop\nbl bad_either\n4: brk #1\nbl bad_replaced\nb .
      .pushsection .altinstructions, "a"\n.word 3b - ., 5f - .\n.hword 20\n.byte 4, 4\n.word 4b - ., 6f - .\n.hword 20\n.byte 4, 4
      .section .altinstr_replacement, "a"\n5: brk #1\n6: nop\n.popsection`,
    ),
  },
  {
    name: 'a BUG() may be the last instruction',
    code: fun('f', 'cbz x0, 1f\nbl bad_end\nret\n1: brk #0x800'),
  },
];

t.test('hidden calls are found, and no others', { skip }, (t) => attack(t, rows));
