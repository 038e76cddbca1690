// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Addresses of hyp code that take a way no compiler makes to where control goes there,
// and numbers that a compiler does make, of which what only VHE executes hangs. Each
// was once judged wrongly. The executed ones were run under qemu as well, with bad_...
// as a function that says so, but for SMC and HVC, which a user's program cannot make.

import t from 'tap';
import { type Attack, attack, last, skip } from './attacked.js';
import { alternative, fun, key } from './walked.js';

const enter = 'stp x29, x30, [sp, #-16]!\n';
const leave = '\nldp x29, x30, [sp], #16\nret';

/** Made with VHE only: machines without it execute a nop. */
const spared = `${alternative('nop', 'mov x7, x19')}\n`;

const withFrame = (name: string, body: string): string => fun(name, `${enter}${body}${leave}`);

/** g returns one instruction further on. */
const skipping = (g: string): string => withFrame('f', 'bl g\nb 2f\nbl bad_skipped\n2:') + fun('g', g);

/** A switch whose number is in w0, with `size` in front and the table's address in x1; `data`: its tables. */
const switched = (size: string, table: string, data: string): string =>
  fun(
    'f',
    `${size}\n${table}\nldrb w0, [x1, w0, uxtw]\nadr x2, 3f\nadd x0, x2, w0, sxtb #2\nbr x0\n3: nop\n8: ret
      .pushsection .rodata, "a"\n${data}\n.popsection`,
  ) + last('arm');

const tableAt = (name: string) => `adrp x1, ${name}\nadd x1, x1, :lo12:${name}`;

/** w2 is 2 with VHE, else 0 or 1. */
const mode = (condition: string): string =>
  fun(
    'f',
    `and w2, w0, #1\n${key('1f')}\n2: cmp w2, #1\n${condition} 3f\nret\n1: mov w2, #2\nb 2b\n3: bl ok_mode\nb .`,
  );

const rows: readonly Attack[] = [
  {
    name: 'RET of a register, beside an alternative that is not made',
    code: fun('f', `adr x9, one\n${spared}ret x9`) + last('one'),
  },
  {
    name: 'SMC hands out an address, beside such an alternative',
    code: withFrame('f', `adr x2, one\n${spared}smc #0`) + last('one'),
  },
  {
    name: 'HVC hands out an address, beside such an alternative',
    code: withFrame('f', `adr x3, one\n${spared}hvc #0`) + last('one'),
  },
  {
    name: 'a caller finds an address in a preserved register',
    code: withFrame('f', 'bl g\nblr x19') + fun('g', `adr x19, one\n${spared}ret`) + last('one'),
  },
  {
    name: 'a known function that BLR calls finds an address in a preserved register',
    code:
      fun(
        'f',
        `stp x19, x30, [sp, #-16]!\nadr x19, one\nadr x10, g\n${spared}blr x10\nldp x19, x30, [sp], #16\nret`,
      ) +
      withFrame('g', 'blr x19') +
      last('one'),
  },
  { name: 'x30 is stepped by a load', code: skipping('ldr w0, [x30], #4\nret') },
  { name: 'x30 is stepped by a load of a pair', code: skipping('ldp w0, w1, [x30], #4\nret') },
  { name: 'x30 is computed by MADD', code: skipping('mov x0, #2\nmadd x30, x0, x0, x30\nret') },
  {
    name: 'two ways with a table each meet in front of the load',
    code: switched(
      'cmp w0, #1\nb.hi 8f\ncbz x5, 1f',
      `${tableAt('t1')}\nb 2f\n1: ${tableAt('t2')}\n2:`,
      't1: .byte (arm - 3b) / 4, 0\nt2: .byte 0, 1',
    ),
  },
  {
    name: 'a branch that has a relocation passes by a comparison',
    code: switched(
      'cmp w1, #1\nb.hi f + 16\ncmp w0, #1\nb.hi 8f',
      tableAt('t1'),
      't1: .byte 0, 1, (arm - 3b) / 4, 0',
    ),
  },
  {
    name: 'functions that call each other change a preserved register',
    code:
      withFrame('f', 'bl a\nmov x19, #0\nbl b\ncbz x19, 1f\nbl bad_changed\n1:') +
      withFrame('a', 'mov x19, x1\ncbz x0, 1f\nbl b\n1:') +
      withFrame('b', 'bl a'),
  },
  {
    name: 'functions that call each other read a preserved register',
    code:
      fun(
        'f',
        'stp x19, x30, [sp, #-16]!\nadr x19, two\nbl a\nadr x19, one\nbl b\nldp x19, x30, [sp], #16\nret',
      ) +
      withFrame('a', 'cbz x0, 1f\nbl b\n1: cbz x19, 2f\nblr x19\n2:') +
      withFrame('b', 'bl a') +
      last('one') +
      fun('two', 'ret'),
  },
  {
    name: 'a literal is loaded into a general and into a vector register',
    code:
      fun(
        'f',
        `${enter}ldr x3, 9f\nmov x3, #0\nldr d0, 9f\nfmov x1, d0\nmov x0, #0\nblr x1${leave}\n.balign 8\n9: .quad one`,
      ) + last('one'),
  },
  { name: 'at most 1 is not greater than 1', code: mode('b.gt') },
  { name: 'at most 1 is not higher than 1', code: mode('b.hi') },
  {
    name: 'callers pass one of two numbers, neither with the bit',
    code:
      withFrame('f', 'mov x1, #0\nbl h\nmov x1, #2\nbl h') +
      withFrame('h', 'tbz w1, #3, 1f\nbl ok_passed\n1:'),
  },
];

t.test('calls behind such addresses and numbers are found, and no others', { skip }, (t) => attack(t, rows));
