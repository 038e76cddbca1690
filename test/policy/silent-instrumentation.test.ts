// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Instrumentation without a relocation out of hyp code.

import t, { type Test } from 'tap';
import { nameAt } from '../../lib/code/functions.js';
import { instrumentedIn } from '../../lib/policy/silent-instrumentation.js';
import { open } from '../support/objects.js';
import { assemble, without } from '../support/tools.js';

const skip = without('aarch64-linux-gnu-as');
const test = (name: string, body: (t: Test) => Promise<void>) => t.test(name, { skip }, body);

/** Function, kind, table, and how many places. */
const found = async (text: string): Promise<readonly string[]> => {
  const all = instrumentedIn(await open(assemble(text)), []);
  return all.map(({ at, kind, table, executed }) => `${nameAt(at)} ${kind} ${table} ${executed.length}`);
};

const code = (name: string, body: string, section = '.hyp.text') =>
  `.section ${section}, "ax"\n.type ${name}, %function\n${name}:\n${body}\n.size ${name}, . - ${name}\n`;
const push = 'str x30, [x18], #8';
const pop = 'ldr x30, [x18, #-8]!';

test('pushes to the shadow call stack and pops from it are one entry for each function', async (t) => {
  t.same(
    await found(code('f', `${push}\nbl f\n${pop}\nret`) + code('g', `${push}\n${pop}\nret\n${pop}\nret`)),
    ['f push null 2', 'g push null 3'],
  );
  t.same(await found(code('f', push, '.hyp.idmap.text')), ['f push null 1']);
});

test('similar instructions, and code of the host, are no pushes', async (t) => {
  for (const word of [
    'str x30, [x18, #8]',
    'str x30, [x18, #8]!',
    'str x30, [x19], #8',
    'str x29, [x18], #8',
    'ldr x30, [x18], #-8',
    'str x30, [sp, #-16]!',
    '.word 0xf800865e',
  ])
    t.same(await found(code('f', `nop\n${word}\nret`)), [], word);
  t.same(await found(code('f', push, '.text')), [], 'host code');
});

const listing = (table: string, ...entries: readonly string[]) =>
  `.section ${table}, "awo", %progbits, .hyp.text\n${entries.map((entry) => `.quad ${entry}`).join('\n')}\n`;

test('a hyp function in a host table of traced functions is found once', async (t) => {
  const patchable = '__patchable_function_entries';
  const text = `${code('f', 'nop\nnop\nret')}nop\nnop\n${code('g', 'bti c\nnop\nret')}`;
  t.same(await found(text + listing(patchable, 'f')), [`f entry ${patchable} 1`]);
  t.same(await found(text + listing(patchable, 'g - 8')), [`g entry ${patchable} 1`], 'with NOPs before it');
  t.same(await found(text + listing(patchable, 'g + 4')), [`g entry ${patchable} 1`], 'behind BTI');
  t.same(await found(text + listing(patchable, 'f', 'f + 4')), [`f entry ${patchable} 1`], 'once');
  t.same(await found(text + listing('__mcount_loc', 'f')), ['f entry __mcount_loc 1']);
});

test('other tables, functions of the host and calls of _mcount are left out', async (t) => {
  const f = code('f', 'nop\nnop\nret');
  t.same(await found(f + listing('.hyp__patchable_function_entries', 'f')), [], 'the nVHE link’s own');
  t.same(await found(f + listing('.hyp.patchable_function_entries', 'f')), [], 'a module’s');
  t.same(await found(f + listing('__jump_table', 'f')), []);
  t.same(await found(`${f}${code('h', 'nop\nret', '.text')}${listing('__mcount_loc', 'h')}`), []);
  t.same(await found(code('f', 'bl _mcount\nret') + listing('__mcount_loc', 'f')), []);
});
