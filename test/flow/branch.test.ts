// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control goes from a branch, and what is known behind it.

import t from 'tap';
import { valueIn, withFlags } from '../../lib/flow/state.js';
import { bitsOf, constantOf, makeBits, makePlaces, sitesOf } from '../../lib/flow/values.js';
import { AT, directions, having, interpret, number, place } from './interpreted.js';

const [NEXT, TARGET] = ['go 1004', 'go 1010'];
const nothing = having({});
const go = (word: number, state = nothing, circumstances = {}) =>
  directions(interpret(word, state, circumstances));

t.test(
  'a branch goes where its encoding says, where its relocation says, or where replacement code is put',
  async (t) => {
    t.same(go(0x14000004), [TARGET], 'b .+16');
    t.same(go(0x94000004), ['call 1010'], 'bl .+16');
    t.same(go(0x14000000, nothing, { patched: { kind: 'jump', target: 0x4000 } }), ['go 4000']);
    t.same(go(0x94000000, nothing, { patched: { kind: 'call', target: 0x4000 } }), ['call 4000']);
    const setting = { pc: 0x800, moved: (to: number) => to - 0x700 };
    t.same(go(0x14000004, nothing, { setting }), ['go 910']);
    t.same(
      go(0x54000080, nothing, { setting }),
      ['go 910', 'go 804'],
      'b.eq .+16 goes on behind the instruction that it replaces',
    );
    t.same(
      go(0x94000000, nothing, { setting, patched: { kind: 'call', target: 0x4000 } }),
      ['call 4000'],
      'a relocated call goes to its symbol wherever it is put',
    );
  },
);

t.test('B.cond follows known flags, and either side knows the outcome of the comparison', async (t) => {
  const flags = (z: boolean | null) =>
    withFlags(nothing, {
      n: null,
      z,
      c: null,
      v: null,
      order: null,
      compared: { register: 0, value: 7n, wide: true, isOnlyZ: false },
    });
  t.same(go(0x54000080, flags(true)), [TARGET], 'b.eq');
  t.same(go(0x54000080, flags(false)), [NEXT]);
  t.same(go(0x54000080), [TARGET, NEXT]);
  t.same(go(0x5400008e), [TARGET], 'b.al');
  const [taken] = interpret(0x54000080, flags(null)).transfers;
  t.equal(taken && constantOf(valueIn(taken.state, 0)), 7n);
  const [, equal] = interpret(0x54000081, flags(null)).transfers; // b.ne
  t.equal(equal && constantOf(valueIn(equal.state, 0)), 7n, 'behind a b.ne that falls through');
});

t.test('CBZ and CBNZ follow a known register, of which a W register is the low half', async (t) => {
  const [cbz, cbnz, cbzw] = [0xb4000080, 0xb5000080, 0x34000080];
  t.same(go(cbz, having({ 0: number(0) })), [TARGET]);
  t.same(go(cbz, having({ 0: makeBits(0n, 4n) })), [NEXT], 'one set bit is enough');
  t.same(go(cbnz, having({ 0: number(0) })), [NEXT]);
  t.same(go(cbnz, having({ 0: number(1) })), [TARGET]);
  const high = having({ 0: number(1n << 40n) });
  t.same([go(cbz, high), go(cbzw, high)], [[NEXT], [TARGET]]);
  const [zero] = interpret(cbz, nothing).transfers;
  t.equal(zero && constantOf(valueIn(zero.state, 0)), 0n, 'where cbz branches');
  const [, zeroBehind] = interpret(cbnz, nothing).transfers;
  t.equal(zeroBehind && constantOf(valueIn(zeroBehind.state, 0)), 0n, 'where cbnz falls through');
  const oneBit = having({ 0: makeBits(~8n & ((1n << 64n) - 1n), 0n) });
  const [, other] = interpret(cbz, oneBit).transfers;
  t.equal(other && constantOf(valueIn(other.state, 0)), 8n, 'not 0, so the one unknown bit is set');
  const [open] = interpret(cbnz, oneBit).transfers;
  t.equal(open && constantOf(valueIn(open.state, 0)), 8n);
});

t.test('TBZ and TBNZ follow their bit if it is known, and make it known', async (t) => {
  const [tbz, tbnz] = [0x36580080, 0x37580080]; // #11
  const bit = 1n << 11n;
  t.same(go(tbz, having({ 0: makeBits(bit, 0n) })), [TARGET]);
  t.same(go(tbz, having({ 0: makeBits(0n, bit) })), [NEXT]);
  t.same(go(tbnz, having({ 0: makeBits(bit, 0n) })), [NEXT]);
  t.same(go(tbz, having({ 0: makeBits(0n, bit << 1n) })), [TARGET, NEXT]);
  const [taken, other] = interpret(tbz, nothing).transfers;
  t.equal(bitsOf(taken ? valueIn(taken.state, 0) : null).zeros, bit);
  t.equal(other?.state, nothing);
});

t.test('CBZ on an address uses the address, which does not escape', async (t) => {
  t.same(interpret(0xb4000080, having({ 0: place(0x40) })).used, [0x40]);
  t.same(interpret(0xb4000080, having({ 0: place(0x40) })).lost, []);
});

t.test(
  'a branch through a register goes to each address it may hold, or anywhere if it may hold more',
  async (t) => {
    const [br, blr] = [0xd61f0000, 0xd63f0000];
    const two = makePlaces([...sitesOf(place(0x40)), ...sitesOf(place(0x80))], false);
    t.same(go(br, having({ 0: two })), ['go 40', 'go 80']);
    t.same(go(blr, having({ 0: two })), ['call 40', 'call 80']);
    const orMore = makePlaces(sitesOf(place(0x40)), true);
    t.same(go(br, having({ 0: orMore })), ['go 40', 'anywhere']);
    t.same(go(blr, having({ 0: orMore })), ['call 40', 'call ?']);
    t.same(go(br), ['anywhere']);
    t.same(go(blr, having({ 0: number(0x40) })), ['call ?'], 'a number is not an address of this link');
    const near = interpret(br, having({ 0: place(0x40, { inexact: true }) }));
    t.same([directions(near), near.lost, near.used], [['anywhere'], ['64 as target'], []]);
    t.same(interpret(br, having({ 0: two })).used, [0x40, 0x80]);
    const [arm] = interpret(br, having({ 0: two, 1: place(0xc0) })).transfers;
    t.equal(arm && valueIn(arm.state, 0), null, 'the branch register is unknown at its target');
    t.equal(sitesOf(arm ? valueIn(arm.state, 1) : null).length, 1);
  },
);

t.test('the address that a return goes to escapes, also in RETAA, which does not name x30', async (t) => {
  for (const [word, register] of [
    [0xd65f03c0, 30], // ret
    [0xd65f0bff, 30], // retaa
    [0xd65f0000, 0], // ret x0
  ] as const) {
    const outcome = interpret(word, having({ [register]: place(0x40), 5: place(0x80) }));
    t.same([directions(outcome), outcome.lost], [['return'], [0x40]]);
  }
});

t.test('addresses in registers escape at ERET, after which nothing is known', async (t) => {
  const outcome = interpret(0xd69f03e0, having({ 0: place(0x40), 25: number(1) }));
  t.same([directions(outcome), outcome.lost], [['leave'], [0x40]]);
  t.equal(outcome.after.known, 0);
});

t.test('control goes on behind BRK (a WARN) and HVC, but not behind UDF', async (t) => {
  t.same(go(0xd4210000), [NEXT], 'brk #0x800');
  t.same(go(0x00000000), [], 'udf #0');
  t.same(go(0xd4000002), [NEXT], 'hvc #0');
});

t.test('code executed elsewhere goes on there, but its branches keep their targets', async (t) => {
  t.same(go(0x14000004, nothing, { setting: { pc: 0x800 } }), [`go ${(AT + 16).toString(16)}`]);
  t.same(go(0xd4210000, nothing, { setting: { pc: 0x800 } }), ['go 804']);
});
