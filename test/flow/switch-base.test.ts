// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether an address is the label of a switch, and which table goes with it.

import t from 'tap';
import { isSwitchBase, tableOfSwitch } from '../../lib/flow/switch-base.js';
import { without } from '../support/tools.js';
import { alternative, fun, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const table = '.section .rodata\n.balign 4\n.word 0\ntable: .word 1, 2\n';
/** Of the table, in x1. */
const address = 'adrp x1, table\nadd x1, x1, :lo12:table\n';

/**
 * An instruction of the function f forms the address of `target`. If that is the label of a switch: `table+4, 1 of
 * 4`, where the table begins, the bytes of a number and what one counts, or `no table`; else null.
 */
const switchOf = async (hyp: string): Promise<string | null> => {
  const { code, tables, at } = await readCode(hyp, table);
  const extent = code.extentAt(at('f'));
  // A symbol there would be an entry.
  let formed = extent.start;
  while (code.formedAt(formed) !== at('target') && formed < extent.end) formed += 4;
  if (!isSwitchBase(code, tables, formed, at('target'), extent)) return null;
  const found = tableOfSwitch(code, tables, formed, extent);
  if (!found) return 'no table';
  const { start, width, unit, count } = found;
  return `table+${start - at('table')}, ${width} of ${unit}${count === null ? '' : `, ${count} of them`}`;
};

/** The same for f’s instructions in front of the label. */
const switchIn = (body: string): Promise<string | null> => switchOf(fun('f', `${body}\ntarget: ret`));

t.test('compilers form the label in front of the branch, and count from it', { skip }, async (t) => {
  const gcc = (load: string, sum: string) => switchIn(`${address}${load}\nadr x1, target\n${sum}\nbr x0`);
  const clang = (load: string, sum: string) => switchIn(`${address}adr x2, target\n${load}\n${sum}\nbr x0`);
  t.equal(await gcc('ldrb w0, [x1, w0, uxtw]', 'add x0, x1, w0, sxtb #2'), 'table+0, 1 of 4');
  t.equal(await gcc('ldrh w0, [x1, w0, uxtw #1]', 'add x0, x1, w0, sxth #2'), 'table+0, 2 of 4');
  t.equal(await gcc('ldr w0, [x1, w0, uxtw #2]', 'add x0, x1, w0, sxtw #2'), 'table+0, 4 of 4');
  t.equal(await clang('ldrsw x0, [x1, x0, lsl #2]', 'add x0, x2, x0'), 'table+0, 4 of 1');
  t.equal(await clang('ldrb w3, [x1, x0]', 'add x0, x2, x3, lsl #2'), 'table+0, 1 of 4');
  t.equal(await clang('ldrh w3, [x1, x0, lsl #1]', 'add x0, x2, x3, lsl #2'), 'table+0, 2 of 4');
  t.equal(await clang('ldrsb x3, [x1, x0]', 'add x2, x2, x3, lsl #2\nmov x0, x2'), null, 'a copy is taken');
});

t.test(
  'what is added to the label may be branched to at once, and not changed before',
  { skip },
  async (t) => {
    const load = 'ldrb w0, [x1, x0]\n';
    const of = (behind: string) => switchIn(`${address}${load}adr x1, target\n${behind}`);
    t.equal(await of('add x0, x1, x0\nbr x0'), 'table+0, 1 of 1');
    t.equal(await of('add x1, x1, x0\nbr x1'), 'table+0, 1 of 1', 'in place of the label');
    t.equal(
      await of('mov x7, x8\nadd x0, x1, x0\nmov x5, x6\nbr x0'),
      'table+0, 1 of 1',
      'something else between',
    );
    t.equal(await of('sub x0, x1, x0\nbr x0'), null, 'nothing is added');
    t.equal(await of('add x0, x1, #8\nbr x0'), null, 'the walk knows where that leads');
    t.equal(await of('add x0, x1, x0\nblr x0'), null, 'a call');
    t.equal(await of('add x0, x1, x0\nbr x1'), null, 'a branch to the label itself');
    t.equal(await of('add x0, x1, x0\nbr x3'), null, 'a branch through another register');
    t.equal(await of('add x0, x1, x0\nmov x0, x3\nbr x0'), null, 'the sum is overwritten');
    t.equal(await of('add x0, x1, x0\nret'), null, 'no branch');
    t.equal(await of('br x1'), null, 'nothing is added');
    t.equal(await of('ldr x0, [x1, x0]\nbr x0'), null, 'a table of addresses begins at the label');
  },
);

t.test('a label that anything else may take is none of a switch', { skip }, async (t) => {
  const of = (between: string, behind = '') =>
    switchIn(`adr x1, target\n${between}\nadd x0, x1, x0\n${behind}br x0`);
  t.equal(await of('mov x7, x8'), 'no table');
  t.equal(await of('nop'), null, 'hints are not told apart');
  t.equal(await of('str x1, [x2]'), null, 'it is stored');
  t.equal(await of('mov x3, x1'), null, 'it is copied');
  t.equal(await of('ldr x3, [x1]'), null, 'it is read from');
  t.equal(await of('cmp x1, x2'), null, 'it is compared');
  t.equal(await of('mov x1, x4'), null, 'it is overwritten');
  t.equal(await of('ldr x1, [x4]'), null, 'by a load');
  t.equal(await of('bl f'), null, 'a call');
  t.equal(await of('blr x4'), null, 'a call through a register');
  t.equal(await of('cbz x0, f'), null, 'a branch on a condition');
  t.equal(await of('mov x7, x8', 'str x1, [x2]\n'), null, 'stored behind the sum');
  const moves = (count: number) => Array(count).fill('mov x7, x8').join('\n');
  t.equal(await of(moves(6)), 'no table', '32 bytes to the branch');
  t.equal(await of(moves(7)), null, '36 bytes');
});

t.test('the label is in the function, and not its start', { skip }, async (t) => {
  const body = 'adr x1, target\nadd x0, x1, x0\nbr x0\n';
  t.equal(await switchOf(fun('f', `${body}target: ret`)), 'no table');
  t.equal(await switchOf(fun('f', `target: ${body}`)), null, 'the start');
  t.equal(await switchOf(fun('f', `nop\ntarget: ${body}`)), 'no table', 'behind the start');
  t.equal(await switchOf(fun('f', body) + fun('target', 'ret')), null, 'the next function');
  t.equal(await switchOf(fun('target', 'ret') + fun('f', body)), null, 'the one before');
  t.equal(
    await switchOf(fun('f', 'adr x1, target\nadd x0, x1, x0') + fun('target', 'br x0')),
    null,
    'the branch stands behind the end',
  );
  const loaded = 'ldr x1, literal\nadd x0, x1, x0\nbr x0\ntarget: ret\n.balign 8\nliteral: .quad target';
  t.equal(await switchOf(fun('f', loaded)), null, 'an address that is loaded is not formed');
});

t.test('a table is known if its load and its address are shown', { skip }, async (t) => {
  const behind = 'adr x2, target\nadd x0, x2, x0\nbr x0';
  const of = (front: string) => switchIn(`${front}${behind}`);
  const load = 'ldrb w0, [x1, x0]\n';
  t.equal(await of(address + load), 'table+0, 1 of 1');
  t.equal(await of(address.replaceAll('table', 'table+4') + load), 'table+4, 1 of 1');
  t.equal(await of(`${address}mov x7, x8\n${load}mov x7, x8\n`), 'table+0, 1 of 1');
  t.equal(await of(`adr x1, table\n${load}`), 'table+0, 1 of 1', 'formed by ADR');
  t.equal(await of(load), 'no table', 'the address comes from somewhere else');
  t.equal(await of(`${address}add x1, x1, #4\n${load}`), 'no table', 'something is added to it');
  t.equal(await of(`${address}mov x1, x5\n${load}`), 'no table', 'it is overwritten');
  t.equal(await of(`${address}cbz x5, f\n${load}`), 'no table', 'a branch in front of the load');
  t.equal(await of(`${address}bl f\n${load}`), 'no table', 'a call in front of the load');
  t.equal(await of(`adrp x1, table\n${load}`), 'no table', 'only the page');
  t.equal(await of(`${address}ldrb w0, [x1, #4]\n`), 'no table', 'no index');
  t.equal(await of(`${address}ldrb w0, [x1], #1\n`), 'no table', 'a pointer that moves');
  t.equal(await of(`${address}ldr x0, [x1, x0, lsl #3]\n`), 'no table', 'eight bytes');
  t.equal(await of(`${address}${load}and x0, x0, #7\n`), 'no table', 'computed behind the load');
  t.equal(await of(`${address}${load}cbz x0, f\n`), 'no table', 'a branch behind the load');
  const shifted = (how: string) => switchIn(`${address}${load}adr x2, target\nadd x0, x2, x0, ${how}\nbr x0`);
  t.equal(await shifted('lsl #3'), 'table+0, 1 of 8');
  t.equal(await shifted('uxtw #2'), 'table+0, 1 of 4');
  for (const how of ['lsr #1', 'asr #1']) t.equal(await shifted(how), 'no table', how);
  const far = 'mov x7, x8\n'.repeat(8);
  t.equal(await of(`${address}${far}${load}`), 'no table', 'the address is formed far in front');
});

t.test('a table has as many numbers as the comparison in front of it lets pass', { skip }, async (t) => {
  const load = 'ldrb w3, [x1, w0, uxtw]\n';
  const rest = 'adr x2, target\nadd x0, x2, w3, sxtb #2\nbr x0';
  const of = (front: string, by = load) => switchIn(`${front}${address}${by}${rest}\n9: ret`);
  const known = 'table+0, 1 of 4, 15 of them';
  const unknown = 'table+0, 1 of 4';
  t.equal(await of('cmp w0, #14\nb.hi 9f\n'), known);
  t.equal(await of('cmp w0, #15\nb.hs 9f\n'), known);
  t.equal(await of('cmp w0, #14\nb.ls 1f\nret\n1: '), known, 'the branch leads to the load');
  t.equal(await of('cmp w0, #15\nb.lo 1f\nret\n1: '), known);
  t.equal(await of('cmp w0, #14\nmov x5, x6\nb.hi 9f\nldr x4, [x7]\n'), known, 'others between');
  t.equal(await of('cmp x0, #14\nb.hi 9f\n', 'ldrb w3, [x1, x0]\n'), known, 'all of the register');
  t.equal(await of('cmp w0, #14\nb.hi 9f\n', 'ldrb w3, [x1, x0]\n'), unknown, 'half of it');
  t.equal(await of('and w0, w4, #0xf\n', 'ldrb w3, [x1, x0]\n'), known.replace('15', '16'), 'bits are left');
  t.equal(await of('bic w0, w4, w5\n'), unknown);
  t.equal(await of('and w0, w4, #0xffff\n'), unknown, 'too many to be a table');
  t.equal(await of('nop\n'), unknown, 'nothing tells of it');
  t.equal(await of('cmp w0, #14\nb.gt 9f\n'), unknown, 'a number with a sign');
  t.equal(await of('cmp w0, #14\nb.ls 9f\n'), unknown, 'the other way');
  t.equal(await of('cmp w5, #14\nb.hi 9f\n'), unknown, 'another register');
  t.equal(await of('cmp w0, w5\nb.hi 9f\n'), unknown, 'another number');
  t.equal(await of('cmn w0, #14\nb.hi 9f\n'), unknown, 'a sum');
  t.equal(await of('cmp w0, #14\nb.hi 9f\nmov w0, w5\n'), unknown, 'it is changed behind');
  t.equal(await of('cmp w0, #14\nmov w0, w5\nb.hi 9f\n'), unknown, 'or before');
  t.equal(await of('cmp w0, #14\ncmp w5, #1\nb.hi 9f\n'), unknown, 'others are compared');
  t.equal(await of('cmp w0, #14\nbl f\nb.hi 9f\n'), unknown, 'a call');
  t.equal(await of('cmp w0, #14\nb.hi 9f\nbl f\n'), unknown);
  t.equal(await of('cbz x5, 1f\ncmp w0, #14\nb.hi 9f\n1: '), unknown, 'there are two ways to the load');
  t.equal(await of('cbz x5, 1f\ncmp w0, #14\n1: b.hi 9f\n'), unknown, 'or to the branch');
  t.equal(await of('cmp w0, #14\nb.hi 9f\nlabel: '), unknown, 'anybody may come to a label');
  t.equal(await of(`${alternative('cmp w0, #14', 'cmp w0, #99')}\nb.hi 9f\n`), unknown, 'a patch');
  t.equal(await of('cmp w0, #14\nb.hi 9f\nret\n'), unknown, 'nobody comes');
});

t.test('what is patched shows nothing', { skip }, async (t) => {
  const load = 'ldrb w0, [x1, x0]\n';
  const sum = 'adr x2, target\nadd x0, x2, x0\n';
  const patched = (line: string) => alternative(line, 'mov x0, x5');
  t.equal(await switchIn(`${address}${patched(load.trim())}\n${sum}br x0`), 'no table');
  t.equal(await switchIn(`${address}${load}adr x2, target\n${patched('add x0, x2, x0')}\nbr x0`), null);
});
