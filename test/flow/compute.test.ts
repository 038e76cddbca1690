// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction leaves in its destination: numbers by the Arm ARM; addresses
// as long as they are whole; each address that is given up escapes.

import t from 'tap';
import { type Flags, nothingKnown, withFlags } from '../../lib/flow/state.js';
import { bitsOf, constantOf, makeBits, sitesOf } from '../../lib/flow/values.js';
import { AT, atMost, having, interpret, number, place } from './interpreted.js';

const zFlag = (z: boolean | null): Flags => ({ n: null, z, c: null, v: null, order: null, compared: null });

t.test('MOVZ sets its register, MOVK sixteen bits of it; MOVK over an address loses it', async (t) => {
  t.equal(constantOf(interpret(0xd2824680, nothingKnown).value(0)), 0x1234n, 'mov x0, #0x1234');
  const movk = 0xf2aacf00; // movk x0, #0x5678, lsl #16
  t.equal(
    constantOf(interpret(movk, having({ 0: number(0x9999_0000_ffff_1234n) })).value(0)),
    0x9999_0000_5678_1234n,
  );
  const { ones, zeros } = bitsOf(interpret(movk, nothingKnown).value(0));
  t.same([ones, zeros], [0x5678_0000n, 0xa987_0000n], 'of an unknown register the sixteen bits become known');
  t.same(interpret(movk, having({ 0: place(0x40) })).lost, [0x40], 'MOVK over an address');
});

t.test('an address formed by relocated MOVZ and MOVK escapes, as it is not followed', async (t) => {
  for (const word of [0xd2824680, 0xf2aacf00]) {
    const { value, lost } = interpret(word, nothingKnown, {
      patched: { kind: 'mov-absolute', target: 0x2000 },
    });
    t.equal(value(0), null);
    t.same(lost, [0x2000]);
  }
});

t.test('ADRP and ADD of one symbol form its address, but not if the ADRP is of another page', async (t) => {
  const page = interpret(0x90000000, nothingKnown, { patched: { kind: 'page', target: 0x2100 } });
  t.same(page.value(0), { kind: 'page', of: 0x2100 });
  t.same(page.lost, [], 'a page alone is no use of the address');
  const add = (of: number) =>
    interpret(0x91004000, having({ 0: { kind: 'page', of } }), {
      patched: { kind: 'page-offset', target: 0x2100 },
    });
  t.match(add(0x2100).value(0), { kind: 'places', sites: [{ target: 0x2100, at: AT }], others: false });
  t.match(add(0x3101).value(0), { sites: [{ target: 0x2100 }], others: true });
  t.match(
    interpret(0x91004000, nothingKnown, { patched: { kind: 'page-offset', target: 0x2100 } }).value(0),
    { others: true },
    'the page may come from elsewhere',
  );
});

t.test('ADR forms its target, or that of its relocation', async (t) => {
  t.equal(sitesOf(interpret(0x10000040, nothingKnown).value(0))[0]?.target, AT + 8);
  const patched = { kind: 'pc-address', target: 0x2000 } as const;
  t.equal(sitesOf(interpret(0x10000040, nothingKnown, { patched }).value(0))[0]?.target, 0x2000);
  t.equal(interpret(0x90000000, nothingKnown).value(0), null, 'ADRP without a relocation gives nothing');
});

t.test('adding a constant moves an address; adding a register makes it inexact', async (t) => {
  t.match(interpret(0x91004000, having({ 0: place(0x40) })).value(0), {
    sites: [{ target: 0x50, inexact: false }],
  });
  const added = interpret(0x8b020001, having({ 0: place(0x40) })); // add x1, x0, x2
  t.match(added.value(1), { sites: [{ target: 0x40, inexact: true }] });
  t.same(added.lost, [], 'an inexact address is still followed');
  for (const word of [0x8b020001, 0xcb020001]) {
    const both = interpret(word, having({ 0: place(0x40), 2: place(0x80) }));
    t.match(both.value(1), { sites: [{ target: 0x40, inexact: true }] });
    t.same(both.lost, [0x80]);
  }
  t.same(interpret(0x8b020801, having({ 2: place(0x40) })).lost, [0x40], 'add x1, x0, x2, lsl #2');
});

t.test('a comparison uses an address, which stays in its register', async (t) => {
  const { used, lost, value } = interpret(0xeb02001f, having({ 0: place(0x40), 2: place(0x80) })); // cmp x0, x2
  t.same([used, lost], [[0x40, 0x80], []]);
  t.equal(sitesOf(value(0)).length, 1);
});

t.test('an address escapes when an instruction takes the low half of its register', async (t) => {
  const add = interpret(0x11000400, having({ 0: place(0x40) })); // add w0, w0, #1
  t.equal(sitesOf(add.value(0)).length, 0);
  t.ok(add.lost.includes(0x40));
  const move = interpret(0x2a0003e1, having({ 0: place(0x40) })); // mov w1, w0
  t.equal(sitesOf(move.value(1)).length, 0);
  t.same(move.lost, [0x40]);
  const select = interpret(0x1a820001, having({ 0: place(0x40), 2: number(1) })); // csel w1, w0, w2, eq
  t.same(select.lost, [0x40]);
});

t.test('an address that goes into SP, a bit field, a shift, a mask or a product escapes', async (t) => {
  const rows: readonly (readonly [number, string])[] = [
    [0x9100001f, 'mov sp, x0'],
    [0xd34b2c01, 'ubfx x1, x0, #11, #1'],
    [0x9ac22001, 'lsl x1, x0, x2'],
    [0xca020001, 'eor x1, x0, x2'],
    [0xaa2003e1, 'mvn x1, x0'],
    [0xaa000be1, 'orr x1, xzr, x0, lsl #2'],
    [0x9b027c01, 'mul x1, x0, x2'],
  ];
  for (const [word, text] of rows) t.same(interpret(word, having({ 0: place(0x40) })).lost, [0x40], text);
});

t.test('MOV marks both registers as copies of each other, except in replacement code', async (t) => {
  const partly = having({ 0: makeBits(1n, 0n) });
  const { value } = interpret(0xaa0003e1, partly);
  t.equal(bitsOf(value(1)).copy, AT);
  t.equal(bitsOf(value(0)).copy, AT);
  t.equal(bitsOf(interpret(0xaa0003e1, partly, { setting: { via: 0x500 } }).value(1)).copy, null);
});

t.test('an address that replacement code brings carries the instruction that it replaces', async (t) => {
  const state = having({ 0: place(0x40) });
  t.equal(sitesOf(interpret(0xaa0003e1, state, { setting: { via: 0x500 } }).value(1))[0]?.via, 0x500);
  t.equal(sitesOf(interpret(0xaa0003e1, state).value(1))[0]?.via, null);
});

t.test('a comparison with a constant is remembered for a register that still holds the value', async (t) => {
  const compared = (word: number) => interpret(word, nothingKnown).after.flags?.compared ?? null;
  t.match(compared(0xf1001c1f), { register: 0, value: 7n, wide: true, isOnlyZ: false }, 'cmp x0, #7');
  t.match(compared(0xf1001c01), { register: 0, value: 7n }, 'subs x1, x0, #7');
  t.equal(compared(0xf1001c00), null, 'subs x0, x0, #7 overwrites it');
  t.equal(compared(0xb1001c01), null, 'adds x1, x0, #7: its carry is not that of a comparison with -7');
  t.equal(compared(0xeb02001f), null, 'cmp x0, x2');
  t.match(compared(0xf2400001), { register: 1, value: 0n, isOnlyZ: true }, 'ands x1, x0, #1');
  t.equal(compared(0xf240001f), null, 'tst x0, #1: no register holds the result');
});

t.test('CSEL takes the operand that the flags choose, or either if the flags are unknown', async (t) => {
  const state = having({ 0: number(1), 2: number(3) });
  const csel = 0x9a820001; // csel x1, x0, x2, eq
  t.equal(constantOf(interpret(csel, withFlags(state, zFlag(true))).value(1)), 1n);
  t.equal(constantOf(interpret(csel, withFlags(state, zFlag(false))).value(1)), 3n);
  t.equal(bitsOf(interpret(csel, state).value(1)).ones, 1n, 'either is odd');
  const csinc = 0x9a820401; // csinc x1, x0, x2, eq
  t.equal(constantOf(interpret(csinc, withFlags(state, zFlag(false))).value(1)), 4n);
  t.equal(constantOf(interpret(csinc, withFlags(state, zFlag(true))).value(1)), 1n);
  const addresses = having({ 0: place(0x40), 2: place(0x80) });
  t.same(
    sitesOf(interpret(csel, addresses).value(1)).map(({ target }) => target),
    [0x40, 0x80],
  );
  t.same(interpret(csinc, addresses).lost, [0x80], 'an address plus one escapes');
  const cset = 0x9a9f07e1; // cset x1, ne
  t.equal(constantOf(interpret(cset, withFlags(nothingKnown, zFlag(false))).value(1)), 1n);
  t.equal(constantOf(interpret(cset, withFlags(nothingKnown, zFlag(true))).value(1)), 0n);
});

t.test('CCMP compares or sets its own flags, as the condition says, or may do either', async (t) => {
  const seven = having({ 0: number(7) });
  const z = (word: number, before: boolean | null) =>
    interpret(word, withFlags(seven, zFlag(before))).after.flags?.z;
  const [toZ, toNone] = [0xfa470804, 0xfa470800]; // ccmp x0, #7, #4 and #0, eq
  t.equal(z(toNone, true), true, '7 equals 7');
  t.equal(z(toZ, false), true, '#4 is Z');
  t.equal(z(toNone, false), false);
  t.equal(z(toZ, null), true, 'Z whichever it does');
  t.equal(z(toNone, null), null);
  t.same(interpret(toZ, having({ 0: place(0x40) })).used, [0x40], 'a comparison uses an address');
});

t.test('a base plus an entry of a table of distances is one of the arms of a switch', async (t) => {
  const distances = [8, -4, 0x100];
  const around = { tableEntry: (_table: number, index: number) => distances[index] ?? null };
  const entry = (count: number) =>
    ({ kind: 'entry', table: 0x9000, count, size: 4, signed: true, shift: 0 }) as const;
  const targets = (word: number, count: number) =>
    sitesOf(interpret(word, having({ 10: place(0x40), 11: entry(count) }), { around }).value(1))
      .filter(({ inexact }) => !inexact)
      .map(({ target }) => target);
  t.same(targets(0x8b0b0141, 3), [0x3c, 0x48, 0x140], 'add x1, x10, x11');
  t.same(targets(0x8b0a0161, 2), [0x3c, 0x48], 'add x1, x11, x10');
  t.same(targets(0x8b0b0941, 3), [0x30, 0x60, 0x440], 'add x1, x10, x11, lsl #2');
  t.same(targets(0xcb0b0141, 3), [], 'sub x1, x10, x11');
  t.same(targets(0x8b0b0141, 4), [], 'one of the entries cannot be read');
  t.same(interpret(0x8b0b0141, having({ 10: place(0x40), 11: entry(3) }), { around }).lost, []);
  const bounded = interpret(0x8b0b0141, having({ 10: place(0x40), 11: atMost(3) }));
  t.match(bounded.value(1), { sites: [{ target: 0x40, inexact: true }] }, 'a bounded number is no entry');
});
