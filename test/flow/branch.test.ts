// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control goes from a branch, and what is known there.

import t from 'tap';
import { valueIn, withFlags } from '../../lib/flow/state.js';
import { bitsOf, constantOf, makeBits, makePlaces, sitesOf } from '../../lib/flow/values.js';
import { AT, directions, having, interpret, number, place } from './interpreted.js';

const [NEXT, TARGET] = ['go 1004', 'go 1010'];
const nothing = having({});
const go = (word: number, state = nothing, circumstances = {}) =>
  directions(interpret(word, state, circumstances));

t.test(
  'branches as they are encoded, as they are relocated, and where replacement code is put',
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
      'b.eq .+16: what follows is behind the original',
    );
    t.same(
      go(0x94000000, nothing, { setting, patched: { kind: 'call', target: 0x4000 } }),
      ['call 4000'],
      'a symbol stays',
    );
  },
);

t.test('B.cond: by the flags where they tell, and the comparison holds behind', async (t) => {
  const flags = (z: boolean | null) =>
    withFlags(nothing, {
      n: null,
      z,
      c: null,
      v: null,
      compared: { register: 0, value: 7n, wide: true, isOnlyZ: false },
    });
  t.same(go(0x54000080, flags(true)), [TARGET], 'b.eq');
  t.same(go(0x54000080, flags(false)), [NEXT]);
  t.same(go(0x54000080), [TARGET, NEXT]);
  t.same(go(0x5400008e), [TARGET], 'b.al');
  const [taken] = interpret(0x54000080, flags(null)).transfers;
  t.equal(taken && constantOf(valueIn(taken.state, 0)), 7n);
  const [, equal] = interpret(0x54000081, flags(null)).transfers; // b.ne
  t.equal(equal && constantOf(valueIn(equal.state, 0)), 7n, 'where b.ne goes on');
});

t.test('CBZ and CBNZ: half of the register where they name half', async (t) => {
  const [cbz, cbnz, cbzw] = [0xb4000080, 0xb5000080, 0x34000080];
  t.same(go(cbz, having({ 0: number(0) })), [TARGET]);
  t.same(go(cbz, having({ 0: makeBits(0n, 4n) })), [NEXT], 'one bit is enough');
  t.same(go(cbnz, having({ 0: number(0) })), [NEXT]);
  t.same(go(cbnz, having({ 0: number(1) })), [TARGET]);
  const high = having({ 0: number(1n << 40n) });
  t.same([go(cbz, high), go(cbzw, high)], [[NEXT], [TARGET]]);
  const [zero] = interpret(cbz, nothing).transfers;
  t.equal(zero && constantOf(valueIn(zero.state, 0)), 0n, 'behind cbz');
  const [, zeroBehind] = interpret(cbnz, nothing).transfers;
  t.equal(zeroBehind && constantOf(valueIn(zeroBehind.state, 0)), 0n, 'where cbnz goes on');
  const oneBit = having({ 0: makeBits(~8n & ((1n << 64n) - 1n), 0n) });
  const [, other] = interpret(cbz, oneBit).transfers;
  t.equal(other && constantOf(valueIn(other.state, 0)), 8n, 'the last open bit');
  const [open] = interpret(cbnz, oneBit).transfers;
  t.equal(open && constantOf(valueIn(open.state, 0)), 8n);
});

t.test('TBZ and TBNZ: the bit, and nothing of the others', async (t) => {
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

t.test('a test of an address uses it', async (t) => {
  t.same(interpret(0xb4000080, having({ 0: place(0x40) })).used, [0x40]);
  t.same(interpret(0xb4000080, having({ 0: place(0x40) })).lost, []);
});

t.test(
  'through a register: to each address that it may hold, and anywhere if it may hold more',
  async (t) => {
    const [br, blr] = [0xd61f0000, 0xd63f0000];
    const two = makePlaces([...sitesOf(place(0x40)), ...sitesOf(place(0x80))], false);
    t.same(go(br, having({ 0: two })), ['go 40', 'go 80']);
    t.same(go(blr, having({ 0: two })), ['call 40', 'call 80']);
    const orMore = makePlaces(sitesOf(place(0x40)), true);
    t.same(go(br, having({ 0: orMore })), ['go 40', 'anywhere']);
    t.same(go(blr, having({ 0: orMore })), ['call 40', 'call ?']);
    t.same(go(br), ['anywhere']);
    t.same(go(blr, having({ 0: number(0x40) })), ['call ?'], 'a number is no address of this link');
    const near = interpret(br, having({ 0: place(0x40, { inexact: true }) }));
    t.same([directions(near), near.lost, near.used], [['anywhere'], ['64 as target'], []]);
    t.same(interpret(br, having({ 0: two })).used, [0x40, 0x80]);
    const [arm] = interpret(br, having({ 0: two, 1: place(0xc0) })).transfers;
    t.equal(arm && valueIn(arm.state, 0), null, 'where we are');
    t.equal(sitesOf(arm ? valueIn(arm.state, 1) : null).length, 1);
  },
);

t.test('a return hands its address on, also where x30 is not named', async (t) => {
  for (const [word, register] of [
    [0xd65f03c0, 30], // ret
    [0xd65f0bff, 30], // retaa
    [0xd65f0000, 0], // ret x0
  ] as const) {
    const outcome = interpret(word, having({ [register]: place(0x40), 5: place(0x80) }));
    t.same([directions(outcome), outcome.lost], [['return'], [0x40]]);
  }
});

t.test('ERET leaves with all registers, and nothing is known when control comes back', async (t) => {
  const outcome = interpret(0xd69f03e0, having({ 0: place(0x40), 25: number(1) }));
  t.same([directions(outcome), outcome.lost], [['leave'], [0x40]]);
  t.equal(outcome.after.known, 0);
});

t.test('BRK may be a WARN, UDF is none; HVC comes back', async (t) => {
  t.same(go(0xd4210000), [NEXT], 'brk #0x800');
  t.same(go(0x00000000), [], 'udf #0');
  t.same(go(0xd4000002), [NEXT], 'hvc #0');
});

t.test('where it stands is not where it is executed', async (t) => {
  t.same(go(0x14000004, nothing, { setting: { pc: 0x800 } }), [`go ${(AT + 16).toString(16)}`]);
  t.same(go(0xd4210000, nothing, { setting: { pc: 0x800 } }), ['go 804']);
});
