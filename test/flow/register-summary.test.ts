// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Summaries of functions: which registers they read, write, and change for the
// caller. The words are the assembler's; the comments say what they are.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { Code } from '../../lib/code/code.js';
import { PatchTables } from '../../lib/code/patch-tables.js';
import { STT } from '../../lib/elf/vocabulary.js';
import { Effort } from '../../lib/flow/effort.js';
import { RegisterSummaries } from '../../lib/flow/register-summary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const ret = 0xd65f03c0;
const call = (to: string): Item => ({ word: 0x94000000, relocation: { type: 283, to } });
const jump = (to: string): Item => ({ word: 0x14000000, relocation: { type: 282, to } });

/** The summary of the function `f`, its masks as lists of registers. */
const summaryOf = async (f: readonly Item[], others: readonly Item[] = [], section = '.hyp.text') => {
  const items = [{ label: 'f', type: STT.FUNC }, ...f, { end: 'f' }, ...others];
  const object = await build({ sections: [{ name: section, flags: code, items }] });
  const space = new AddressSpace(imageOf([object]));
  const summaries = new RegisterSummaries(
    new Code(space, []),
    new PatchTables(space),
    new Effort(space.image),
  );
  const { reads, writes, changes, keepsLink, movesLink, returns } = summaries.of(
    space.startOf(object, sectionOf(object, section)),
  );
  const list = (mask: number) => [...Array(31).keys()].filter((register) => mask & (1 << register)).join(' ');
  return `reads ${list(reads)}; writes ${list(writes)}; changes ${list(changes)}${keepsLink ? '; keeps' : ''}${movesLink ? '; moves' : ''}${returns ? '' : '; never returns'}`;
};

const g = (...words: readonly Item[]): readonly Item[] => [
  { label: 'g', type: STT.FUNC },
  ...words,
  { end: 'g' },
];

t.test('a register is read if that comes before any write, and written if a path writes it', async (t) => {
  // mov x0, #1; ret (which gives x1 back as well)
  t.equal(await summaryOf([0xd2800020, ret]), 'reads 1; writes 0; changes ');
  // ldr x2, [x1]; mov x0, #1; ret
  t.equal(await summaryOf([0xf9400022, 0xd2800020, ret]), 'reads 1; writes 0 2; changes ');
  // cbz x0, the ret; mov x0, #1: read, and written on one of the ways
  t.equal(await summaryOf([0xb4000040, 0xd2800020, ret]), 'reads 0 1; writes 0; changes ');
  // mov x9, x19; ret
  t.equal(await summaryOf([0xaa1303e9, ret]), 'reads 0 1 19; writes 9; changes ');
});

t.test(
  'an argument stored on the stack is read; a saved register only if another one is loaded from its slot',
  async (t) => {
    // str x2, [sp, #-16]!; ldr x9, [sp], #16; ret
    t.equal(await summaryOf([0xf81f0fe2, 0xf84107e9, ret]), 'reads 0 1 2; writes 9; changes ');
    // str x19, [sp, #-16]!; ldr x19, [sp], #16; ret
    t.equal(await summaryOf([0xf81f0ff3, 0xf84107f3, ret]), 'reads 0 1; writes ; changes ');
    // str x19, [sp, #-16]!; ldr x9, [sp], #16; ret
    t.equal(await summaryOf([0xf81f0ff3, 0xf84107e9, ret]), 'reads 0 1 19; writes 9; changes ');
  },
);

t.test('a call-preserved register is changed unless it is restored', async (t) => {
  // mov x19, #0; ret
  t.equal(await summaryOf([0xd2800013, ret]), 'reads 0 1; writes ; changes 19');
  // stp x29, x30, [sp, #-32]!; str x19, [sp, #16]; mov x19, #0; ldr x19, [sp, #16]; ldp x29, x30, [sp], #32; ret
  const saved = [0xa9be7bfd, 0xf9000bf3, 0xd2800013];
  const end = [0xa8c27bfd, ret];
  t.equal(await summaryOf([...saved, 0xf9400bf3, ...end]), 'reads 0 1; writes ; changes ; keeps');
  // ldr x19, [sp, #24]: another slot
  t.equal(await summaryOf([...saved, 0xf9400ff3, ...end]), 'reads 0 1; writes ; changes 19; keeps');
  // str x1, [sp, #16] in between: the slot holds something else
  t.equal(
    await summaryOf([...saved, 0xf9000be1, 0xf9400bf3, ...end]),
    'reads 0 1; writes ; changes 19; keeps',
  );
});

t.test('a summary includes those of callees and of tail calls', async (t) => {
  // g: mov x9, x19; mov x19, #0; ret
  const other = g(0xaa1303e9, 0xd2800013, ret);
  t.equal(await summaryOf([call('g'), ret], other), 'reads 0 1 19; writes 9; changes 19');
  t.equal(await summaryOf([jump('g')], other), 'reads 0 1 19; writes 9; changes 19');
});

t.test('code that is not seen, and host code, keep to the calling convention', async (t) => {
  const convention =
    'reads 0 1 2 3 4 5 6 7 8; writes 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; changes ';
  t.equal(await summaryOf([jump('elsewhere')]), convention);
  t.equal(await summaryOf([jump('g')], g(0xd2800020, ret), '.text'), convention);
  t.equal(await summaryOf([0xd2800013, ret], [], '.text'), 'reads 0 1; writes ; changes ', 'C keeps x19');
});

t.test('a function that calls itself may read and change all registers', async (t) => {
  t.match(await summaryOf([call('f'), ret]), /^reads 0 1 .* 29; writes 0 1 .* 18; changes 19 .* 28$/);
});

t.test('a store of x30 keeps the link, a sum with x30 moves it', async (t) => {
  t.match(await summaryOf([0xf900001e, ret]), /; keeps$/, 'str x30, [x0]');
  t.match(await summaryOf([0x910013de, ret]), /; keeps; moves$/, 'add x30, x30, #4');
  t.notMatch(await summaryOf([0xaa0103fe, ret]), /moves/, 'mov x30, x1');
  t.notMatch(await summaryOf([0xd503233f, ret]), /moves/, 'paciasp');
});

t.test('at ERET, registers that were stored count as restored through the vectors', async (t) => {
  // str x19, [sp, #8]; mov x19, #0; eret
  t.match(await summaryOf([0xf90007f3, 0xd2800013, 0xd69f03e0]), /changes $/);
  // mov x19, #0; eret
  t.match(await summaryOf([0xd2800013, 0xd69f03e0]), /changes 19$/);
});

t.test('code behind a call that never returns does not count', async (t) => {
  // cbz x0, the ret; bl g; mov x9, #0
  const f: readonly Item[] = [0xb4000080, call('g'), 0xd2800009, 0xd65f03c0, ret];
  t.match(await summaryOf(f, g(ret)), /writes 9;/);
  // b .
  t.equal(await summaryOf(f, g(0x14000000)), 'reads 0 1; writes ; changes ');
  t.match(await summaryOf([call('g'), ret], g(0x14000000)), /never returns$/);
  t.match(await summaryOf([jump('g')], g(0x14000000)), /never returns$/);
  t.match(await summaryOf([jump('g')], g(ret)), /changes $/);
  // eret, which may come back through the vectors; br x0
  for (const word of [0xd69f03e0, 0xd61f0000]) t.notMatch(await summaryOf([word]), /never/);
});
