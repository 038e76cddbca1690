// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a load leaves in its register, and what happens to the address that is
// loaded from.

import t from 'tap';
import { nothingKnown } from '../../lib/flow/state.js';
import { constantOf, MAX_ENTRIES, makePlaces, sitesOf } from '../../lib/flow/values.js';
import { AT, atMost, having, interpret, number, place } from './interpreted.js';

/** Memory that holds its own address, in as many bits as are loaded. */
const echo = { load: (address: number, size: number) => number(BigInt.asUintN(size * 8, BigInt(address))) };
const asNumber = (word: number, x0: number, around = echo) =>
  constantOf(interpret(word, having({ 0: place(x0) }), { around }).value(1));

t.test('a load reads at base plus displacement, and pre- and post-index write the base back', async (t) => {
  t.equal(asNumber(0xf9400001, 0x40), 0x40n, 'ldr x1, [x0]');
  t.equal(asNumber(0xf9400401, 0x40), 0x48n, 'ldr x1, [x0, #8]');
  t.equal(asNumber(0xf8408c01, 0x40), 0x48n, 'ldr x1, [x0, #8]!');
  t.equal(asNumber(0xf8408401, 0x40), 0x40n, 'ldr x1, [x0], #8');
  for (const [word, base] of [
    [0xf9400401, 0x40],
    [0xf8408c01, 0x48],
    [0xf8408401, 0x48],
  ] as const)
    t.same(
      sitesOf(interpret(word, having({ 0: place(0x40) })).value(0)).map(({ target }) => target),
      [base],
      'the base after the load',
    );
});

t.test('LDRSW and LDRSH sign-extend, LDR of W and LDRB zero-extend', async (t) => {
  const high = { load: (_address: number, size: number) => number((1n << BigInt(size * 8)) - 2n) };
  t.equal(asNumber(0xb9800001, 0, high), 0xffff_ffff_ffff_fffen, 'ldrsw x1, [x0]');
  t.equal(asNumber(0xb9400001, 0, high), 0xffff_fffen, 'ldr w1, [x0]');
  t.equal(asNumber(0x79c00001, 0, high), 0xffff_fffen, 'ldrsh w1, [x0]: to 32 bits');
  t.equal(asNumber(0x39400001, 0, high), 0xfen, 'ldrb w1, [x0]');
});

t.test('a load uses its base and the address that it reads, and neither escapes', async (t) => {
  t.same(interpret(0xf9400401, having({ 0: place(0x40) })).used, [0x40, 0x48]);
  t.same(interpret(0xf9400401, having({ 0: place(0x40) })).lost, []);
});

t.test('a load from a base that is inexact, or not one exact address, gives nothing', async (t) => {
  const value = (base: ReturnType<typeof place>) =>
    interpret(0xf9400001, having({ 0: base }), { around: echo }).value(1);
  t.equal(value(makePlaces(sitesOf(place(0x40)), true)), null);
  t.equal(value(place(0x40, { inexact: true })), null);
  t.equal(value(makePlaces([...sitesOf(place(0x40)), ...sitesOf(place(0x80))], false)), null);
  const twice = makePlaces(
    [0, 8].map((at) => ({ target: 0x40, at, via: null, inexact: false })),
    false,
  );
  t.equal(constantOf(value(twice)), 0x40n, 'one address formed in two places');
});

t.test('a literal is loaded by displacement or relocation; from the GOT, it is the address', async (t) => {
  const literal = (word: number, circumstances = {}) =>
    interpret(word, nothingKnown, { around: echo, ...circumstances }).value(1);
  t.equal(constantOf(literal(0x58000041)), BigInt(AT + 8), 'ldr x1, .+8');
  t.equal(constantOf(literal(0x98000041)), BigInt(AT + 8), 'ldrsw x1, .+8');
  t.equal(constantOf(literal(0x58000041, { patched: { kind: 'pc-load', target: 0x3000 } })), 0x3000n);
  t.match(literal(0x58000041, { patched: { kind: 'got-pc-load', target: 0x3000 } }), {
    sites: [{ target: 0x3000, at: AT }],
  });
});

t.test('a load completes the page of its own symbol only; from the GOT it gives the address', async (t) => {
  const patched = { kind: 'page-offset', target: 0x2100 } as const;
  const load = (of: number) =>
    interpret(0xf9400001, having({ 0: { kind: 'page', of } }), { patched, around: echo }).value(1);
  t.equal(constantOf(load(0x2100)), 0x2100n);
  t.equal(load(0x4100), null);
  t.match(
    interpret(0xf9400001, nothingKnown, { patched: { kind: 'got-load', target: 0x2100 } }).value(1),
    { sites: [{ target: 0x2100 }], others: false },
    'from the GOT',
  );
});

t.test('a known index gives the value, a bounded one an entry of a table, any other nothing', async (t) => {
  const at = (index: ReturnType<typeof number>, word: number) =>
    interpret(word, having({ 0: place(0x40), 2: index }), { around: echo });
  const [ldr, ldrsw, ldrb, unscaled] = [0xb8627801, 0xb8a25801, 0x38626801, 0xb8626801];
  t.equal(constantOf(at(number(3), ldr).value(1)), 0x4cn, 'ldr w1, [x0, x2, lsl #2]');
  t.equal(constantOf(at(number(-2), ldr).value(1)), 0x38n);
  t.same(at(atMost(3), ldr).value(1), {
    kind: 'entry',
    table: 0x40,
    count: 4,
    size: 4,
    signed: false,
    shift: 0,
  });
  t.match(at(atMost(3), ldrsw).value(1), { count: 4, size: 4, signed: true }, 'ldrsw x1, [x0, w2, uxtw #2]');
  t.match(at(atMost(7), ldrb).value(1), { count: 8, size: 1 }, 'ldrb w1, [x0, x2]');
  t.not(at(atMost(3), unscaled).value(1)?.kind, 'entry', 'ldr w1, [x0, x2]: entries would overlap');
  t.not(at(null, ldr).value(1)?.kind, 'entry', 'an unknown index');
  t.match(at(atMost(MAX_ENTRIES - 1), ldr).value(1), { count: MAX_ENTRIES });
  t.not(at(atMost(MAX_ENTRIES), ldr).value(1)?.kind, 'entry');
  t.equal(interpret(0xf8627801, having({ 0: place(0x40, { inexact: true }), 2: number(3) })).value(1), null);
  t.same(at(place(0x80), ldr).lost, [0x80], 'an address as an index escapes');
  t.same(at(atMost(3), ldr).used, [0x40]);
});

t.test('a pointer that is loaded out of a table of labels is one of the labels', async (t) => {
  const around = { labelsAround: () => [0x300, 0x200] };
  const load = (word: number) => interpret(word, having({ 0: place(0x40) }), { around }).value(1);
  t.match(
    load(0xf8627801),
    { sites: [{ target: 0x200, at: AT }, { target: 0x300 }], others: false },
    'ldr x1, [x0, x2, lsl #3]',
  );
  t.same(interpret(0xb8627801, having({ 0: place(0x40) }), { around }).lost, [], '32 bits are no pointer');
  t.equal(interpret(0xf8627801, having({ 0: place(0x40) })).value(1), null, 'no table of labels');
});
