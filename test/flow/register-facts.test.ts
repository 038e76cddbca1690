// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known of registers and the stack after an instruction. The words are the
// assembler's, their meaning is the Arm ARM's; the AAPCS64 says which registers a
// function preserves.

import t, { type Test } from 'tap';
import { Instruction } from '../../lib/code/instruction.js';
import { wordsOf } from '../../lib/elf/byte-source.js';
import {
  atEntry,
  type Facts,
  factsAfter,
  fetchedElsewhere,
  joinFacts,
  leavesStackAlone,
  savedOnStack,
} from '../../lib/flow/register-facts.js';
import { open, sectionOf } from '../support/objects.js';
import { assemble, without } from '../support/tools.js';

const skip = without('aarch64-linux-gnu-as');

/** The last instruction of a text, and the facts before and after it. */
interface Executed {
  readonly text: string;
  readonly last: Instruction;
  readonly before: Facts;
  readonly after: Facts;
}

/** Instructions are separated by `;`. All texts are assembled at once, each into a section of its own. */
const execute = async (texts: readonly string[]): Promise<readonly Executed[]> => {
  const sections = texts.map((text, index) => `.section .text.${index}, "ax"\n${text.replaceAll(';', '\n')}`);
  const object = await open(assemble(`.arch armv8.5-a+memtag\n${sections.join('\n')}\n`));
  return texts.map((text, index) => {
    const section = sectionOf(object, `.text.${index}`);
    const words = [...wordsOf(object.read(section, 0, section.size))];
    const instructions = words.map((word, at) => new Instruction(word, at * 4, null));
    const last = instructions.pop();
    if (!last) throw new Error(`no instruction in '${text}'`);
    const before = instructions.reduce((facts, one) => factsAfter(one, facts), atEntry);
    return { text, last, before, after: factsAfter(last, before) };
  });
};

/** What `tell` says of each text is what the table says. `start` is executed before the text. */
const tellsOf = async <Told>(
  t: Test,
  tell: (executed: Executed) => Told,
  table: Readonly<Record<string, Told>>,
  start = '',
): Promise<void> => {
  const expected = Object.values(table);
  const all = await execute(Object.keys(table).map((text) => `${start}${text}`));
  for (const [index, executed] of all.entries()) t.same(tell(executed), expected[index], executed.text);
};

/** `19 20` */
const list = (mask: number): string =>
  [...Array(32).keys()].filter((register) => mask & (1 << register)).join(' ');

/** `-16: x19, -8: x20`, from the lowest. */
const slotsOf = ({ slots }: Facts): string =>
  [...slots]
    .sort(([a], [b]) => a - b)
    .map(([offset, register]) => `${offset}: x${register}`)
    .join(', ');

const PRESERVED = '19 20 21 22 23 24 25 26 27 28';
const push = 'stp x29, x30, [sp, #-32]!';

t.test('at entry no register is written, and x19 to x29 hold the caller’s values', async (t) => {
  t.equal(list(atEntry.own), `${PRESERVED} 29`);
  t.same([atEntry.defined, atEntry.stored, atEntry.stack, atEntry.frame], [0, 0, 0, null]);
  t.equal(slotsOf(atEntry), '');
});

t.test('registers count as written only if they certainly are', { skip }, async (t) => {
  await tellsOf(t, ({ after }) => list(after.defined), {
    'mov x0, #1': '0',
    'mov x0, #1; add w9, w1, w2': '0 9',
    'ldp x1, x2, [x3]': '1 2',
    'str x0, [x1]': '',
    'cmp x0, #1': '',
    '.inst 0x02000000': '', // bits 28 to 25 are 0001: not allocated
  });
});

t.test('a register that is written no longer holds the caller’s value', { skip }, async (t) => {
  const lost = ({ after }: Executed) => list(atEntry.own & ~after.own);
  await tellsOf(t, lost, {
    'mov x19, #0': '19',
    'mov w28, w0': '28',
    'ldp x20, x21, [x0]': '20 21',
    'ldr x0, [x22], #8': '22',
    'ldr x0, [x22, #8]': '',
    'str x23, [x0]': '',
    'mov x0, x24': '',
    'mov x29, sp': '29',
  });
});

t.test('a register counts as stored if it held the caller’s value', { skip }, async (t) => {
  await tellsOf(t, ({ after }) => list(after.stored), {
    'str x19, [x0]': '19',
    'stp x20, x21, [x0, #16]; str x22, [x0]': '20 21 22',
    'str x0, [x19]': '',
    'mov x19, #0; str x19, [x0]': '',
    'ldr x19, [x0]': '',
    [push]: '29',
  });
});

t.test('SP and x29 are followed over constants, and else unknown', { skip }, async (t) => {
  await tellsOf<readonly (number | null)[]>(t, ({ after }) => [after.stack, after.frame], {
    'sub sp, sp, #32': [-32, null],
    'sub sp, sp, #32; add sp, sp, #16': [-16, null],
    'sub sp, sp, #1, lsl #12': [-4096, null],
    [push]: [-32, null],
    [`${push}; ldp x29, x30, [sp], #32`]: [0, null],
    'str x0, [sp], #-16': [-16, null],
    'stp d8, d9, [sp, #-16]!': [-16, null],
    'str x0, [sp, #16]': [0, null],
    'str x0, [x1, #16]!': [0, null],
    [`${push}; mov x29, sp`]: [-32, -32],
    [`${push}; add x29, sp, #16`]: [-32, -16],
    [`${push}; mov x29, sp; sub sp, sp, #64`]: [-96, -32],
    [`${push}; mov x29, sp; sub sp, sp, x0; mov sp, x29`]: [-32, -32],
    [`${push}; mov x29, sp; sub sp, x29, #16`]: [-48, -32],
    [`${push}; mov x29, sp; add x29, x29, #8`]: [-32, -24],
    [`${push}; mov x29, sp; str x0, [x29], #8`]: [-32, null],
    [`${push}; mov x29, sp; ldr x29, [sp]`]: [-32, null],
    [`${push}; mov x29, sp; mov x29, x0`]: [-32, null],
    [`${push}; mov x29, sp; add w29, wsp, #0`]: [-32, null],
    [`${push}; mov x29, sp; add x29, x0, #16`]: [-32, null],
    [`${push}; mov x29, sp; mov x0, #1`]: [-32, -32],
    'sub sp, sp, x0': [null, null],
    'mov sp, x0': [null, null],
    'mov sp, x29': [null, null],
    'add wsp, wsp, #16': [null, null],
    'and sp, x0, #0xfffffffffffffff0': [null, null],
    'mov sp, x0; add sp, sp, #16': [null, null],
    'mov sp, x0; ldr x0, [sp], #16': [null, null],
    'mov sp, x0; mov x29, sp': [null, null],
    'ld1 {v0.16b}, [sp], #16': [null, null],
    'ld1 {v0.16b}, [sp]': [0, null],
    'ld1 {v0.16b}, [x0], #16': [0, null],
    'irg sp, x0': [null, null],
    'msr spsel, #0': [null, null],
    'cmp sp, #16': [0, null],
    'mov x0, sp': [0, null],
  });
});

t.test('a 64-bit store to the stack saves a register with the caller’s value', { skip }, async (t) => {
  const room = `${push}; mov x29, sp`;
  await tellsOf(t, ({ after }) => slotsOf(after), {
    [push]: '-32: x29',
    'str x19, [sp, #-16]!': '-16: x19',
    'str x19, [sp], #-16': '0: x19',
    'sub sp, sp, #32; stp x19, x20, [sp, #16]': '-16: x19, -8: x20',
    'sub sp, sp, #32; stp xzr, x20, [sp, #16]': '-8: x20',
    [`${room}; str x19, [x29, #16]`]: '-32: x29, -16: x19',
    [`${room}; sub sp, sp, #32; str x19, [x29, #16]`]: '-32: x29, -16: x19',
    [`${room}; str x29, [sp, #16]`]: '-32: x29',
    'sub sp, sp, #32; str x19, [sp]; str x19, [sp, #8]': '-32: x19, -24: x19',
    'sub sp, sp, #32; mov x19, #0; str x19, [sp]': '',
    'sub sp, sp, #32; str x0, [sp]': '',
    'sub sp, sp, #32; str w19, [sp]': '',
    'sub sp, sp, #32; str d19, [sp]': '',
    'str x19, [x0]': '',
    'mov sp, x0; str x19, [sp]': '',
    'str x19, [x29]': '',
  });
});

t.test('a store to any byte of a slot makes its content unknown', { skip }, async (t) => {
  const saved = 'sub sp, sp, #48; stp x19, x20, [sp, #16]; ';
  const [both, first, second] = ['-32: x19, -24: x20', '-32: x19', '-24: x20'];
  await tellsOf(
    t,
    ({ after }) => slotsOf(after),
    {
      'str x0, [sp, #16]': second,
      'str x0, [sp, #24]': first,
      'str x21, [sp, #16]': '-32: x21, -24: x20',
      'strb w0, [sp, #15]': both,
      'strb w0, [sp, #16]': second,
      'strb w0, [sp, #23]': second,
      'strb w0, [sp, #31]': first,
      'strb w0, [sp, #32]': both,
      'str x0, [sp, #8]': both,
      'stur x0, [sp, #9]': second,
      'stur x0, [sp, #17]': '',
      'str q0, [sp]': both,
      'str q0, [sp, #16]': '',
      'stp q0, q1, [sp]': '',
      'ldr x0, [sp, #16]': both,
      'str x0, [x1, #16]': both,
      'mov x19, #0': both,
    },
    saved,
  );
});

t.test('a load from the slot of a register restores the caller’s value', { skip }, async (t) => {
  const saved = `${push}; mov x29, sp; stp x19, x20, [sp, #16]; mov x19, #0; mov x20, #0; `;
  const [changed, onlyFirst] = ['21 22 23 24 25 26 27 28', '19 21 22 23 24 25 26 27 28'];
  await tellsOf(
    t,
    ({ after }) => list(after.own),
    {
      'ldr x19, [sp, #16]': onlyFirst,
      'ldr x19, [x29, #16]': onlyFirst,
      'ldp x19, x20, [sp, #16]': PRESERVED,
      'ldp x20, x19, [sp, #16]': changed,
      'ldr x19, [sp, #24]': changed,
      'ldr w19, [sp, #16]': changed,
      'ldur x19, [sp, #17]': changed,
      'ldr x19, [x0, #16]': changed,
      'ldp x29, x30, [sp], #32': `${changed} 29`,
      'add sp, sp, #16; ldr x19, [sp], #16': onlyFirst,
      'add sp, sp, #8; ldr x19, [sp, #8]!': onlyFirst,
      'mov sp, x0; ldr x19, [sp, #16]': changed,
      'str x0, [sp, #16]; ldr x19, [sp, #16]': changed,
    },
    saved,
  );
});

t.test('at most 64 slots are known, and a store that changes none copies none', { skip }, async (t) => {
  const stores = (count: number) =>
    Array.from({ length: count }, (_, index) => `str x19, [sp, #${index * 8}]`).join('; ');
  const room = 'sub sp, sp, #1024';
  const [full, more, pair, over, toNew, ofNobody] = await execute([
    `${room}; ${stores(64)}`,
    `${room}; ${stores(70)}`,
    `${room}; ${stores(63)}; stp x20, x21, [sp, #504]`,
    `${room}; ${stores(64)}; str x20, [sp]`,
    `${room}; ${stores(65)}`,
    'str x0, [sp, #640]',
  ]);
  t.equal(full?.after.slots.size, 64);
  t.equal(more?.after.slots.size, 64);
  t.equal(pair?.after.slots.size, 64);
  t.equal(over?.after.slots.get(-1024), 20, 'an overwritten slot makes room');
  t.equal(toNew?.after.slots, toNew?.before.slots);
  t.equal(ofNobody?.after.slots, atEntry.slots);
});

t.test('a join keeps what holds on both paths', async (t) => {
  const facts: Facts = {
    defined: 0b0110,
    own: 3 << 19,
    stored: 0b0011,
    stack: -32,
    frame: -16,
    slots: new Map([
      [-16, 19],
      [-8, 20],
    ]),
  };
  t.same(joinFacts(facts, { ...facts, defined: 0b1100 }), { ...facts, defined: 0b0100 });
  t.same(joinFacts(facts, { ...facts, own: 6 << 19 }), { ...facts, own: 2 << 19 });
  t.same(joinFacts(facts, { ...facts, stored: 0b0110 }), { ...facts, stored: 0b0010 });
  t.same(joinFacts(facts, { ...facts, stack: 0 }), { ...facts, stack: null });
  t.same(joinFacts(facts, { ...facts, frame: null }), { ...facts, frame: null });
  t.same(joinFacts({ ...facts, stack: null }, facts), { ...facts, stack: null });
  t.equal(slotsOf(joinFacts(facts, { ...facts, slots: new Map([[-16, 19]]) })), '-16: x19', 'saved on one');
  const other = new Map([
    [-24, 19],
    [-16, 19],
    [-8, 21],
  ]);
  t.equal(slotsOf(joinFacts(facts, { ...facts, slots: other })), '-16: x19', 'by the same register');
});

t.test('a join that changes nothing returns the same object, so that loops end', async (t) => {
  const facts: Facts = { ...atEntry, defined: 1, stored: 2, slots: new Map([[-16, 19]]) };
  const more: Facts = { ...facts, defined: 3, stored: 3, slots: new Map([...facts.slots, [-8, 20]]) };
  t.equal(joinFacts(facts, more), facts);
  for (const [title, less] of Object.entries({
    defined: { ...facts, defined: 0 },
    own: { ...facts, own: 0 },
    stored: { ...facts, stored: 0 },
    stack: { ...facts, stack: -16 },
    slots: { ...facts, slots: new Map() },
  }))
    t.not(joinFacts(facts, less), facts, title);
  t.not(joinFacts({ ...facts, frame: -16 }, facts).frame, -16);
});

t.test('a push of a call-preserved register or of x30 does not count as a read', { skip }, async (t) => {
  await tellsOf(t, ({ last }) => list(savedOnStack(last)), {
    [push]: '29 30',
    'str x19, [sp, #-16]!': '19',
    'stp x27, x28, [sp, #16]': '27 28',
    'stp x19, x0, [sp]': '19',
    'stp x18, x8, [sp]': '',
    'str w19, [sp]': '',
    'str d19, [sp]': '',
    'str x19, [x29]': '',
    'str x19, [x0]': '',
    'ldr x19, [sp]': '',
    'mov x0, x19': '',
  });
});

t.test('a saved register counts as read if any of it is loaded elsewhere', { skip }, async (t) => {
  const saved = `${push}; mov x29, sp; stp x19, x20, [sp, #16]; `;
  await tellsOf(
    t,
    ({ last, before }) => list(fetchedElsewhere(last, before)),
    {
      'ldr x9, [sp, #16]': '19',
      'ldr x9, [x29, #24]': '20',
      'ldr x9, [sp]': '29',
      'ldr x9, [sp, #8]': '', // x30, which is not followed
      'ldr x19, [sp, #16]': '',
      'ldr x19, [sp, #24]': '20',
      'ldr w19, [sp, #16]': '19',
      'ldp x19, x20, [sp, #16]': '',
      'ldp x20, x19, [sp, #16]': '19 20',
      'ldp x9, x20, [sp, #16]': '19',
      'ldrb w9, [sp, #15]': '',
      'ldrb w9, [sp, #16]': '19',
      'ldrb w9, [sp, #23]': '19',
      'ldrb w9, [sp, #31]': '20',
      'ldrb w9, [sp, #32]': '',
      'ldr q0, [sp, #16]': '19 20',
      'ldp x29, x30, [sp], #32': '',
      'add sp, sp, #8; ldr x9, [sp, #8]!': '19',
      'str x9, [sp, #16]': '',
      'ldr x9, [x0, #16]': '',
      'mov sp, x0; ldr x9, [sp, #16]': '',
    },
    saved,
  );
});

t.test('accesses of the function’s own frame leave the caller’s stack alone', { skip }, async (t) => {
  const framed = `${push}; mov x29, sp`;
  for (const { text, last, before } of await execute([
    'mov x0, #1',
    'str x0, [x1]',
    'sub sp, sp, #16',
    'sub sp, sp, #16; add sp, sp, #16',
    'sub sp, sp, #16; str x0, [sp, #8]',
    'str x0, [sp, #-16]!',
    'ldr x0, [sp, #16]', // an argument on the stack
    push,
    framed,
    `${framed}; str x0, [x29, #24]`,
    `${framed}; mov sp, x29`,
    `${framed}; sub sp, x29, #16`,
    `${framed}; ldp x29, x30, [sp], #32`,
    `${framed}; ldr x0, [sp, #8]`,
    'add x29, x0, #16',
    'mov x29, #0; mov x0, x29',
    'mov x29, #0; str x29, [sp, #-16]!',
  ]))
    t.equal(leavesStackAlone(last, before), true, text);
});

t.test('stores above the frame, its address, and reads of the caller’s x29 do not', { skip }, async (t) => {
  const framed = `${push}; mov x29, sp`;
  for (const { text, last, before } of await execute([
    'str x0, [sp]',
    'sub sp, sp, #16; str x0, [sp, #16]',
    'sub sp, sp, #16; stur x0, [sp, #9]',
    'sub sp, sp, #16; stp x0, x1, [sp, #8]',
    'sub sp, sp, #16; stur q0, [sp, #8]',
    'str x0, [sp, #16]!',
    'mov x0, sp',
    'add x0, sp, #16',
    'sub sp, sp, x0',
    'mov sp, x0',
    'mov sp, x29',
    'add wsp, wsp, #16',
    'mov x0, x29',
    'str x29, [x0]',
    'ldr x0, [x29]',
    'ldr x0, [sp, x1]',
    'ld1 {v0.16b}, [sp]',
    'msr spsel, #0',
    'mov sp, x0; str x0, [sp]',
    'mov sp, x0; ldr x0, [sp]',
    'mov sp, x0; add sp, sp, #16',
    `${push}; ldr x0, [sp]`,
    `${push}; ldp x0, x30, [sp], #32`,
    `${framed}; mov x0, x29`,
    `${framed}; add x0, x29, #16`,
    `${framed}; str x29, [sp, #16]`,
    `${framed}; stp x0, x29, [sp, #16]`,
    `${framed}; str x0, [x29, #32]`,
  ]))
    t.equal(leavesStackAlone(last, before), false, text);
});
