// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An ADRP and the instructions that add the low 12 bits, in assembled code. Expected is
// what the code does: which ADRP set the register that the access uses.

import t, { type Test } from 'tap';
import { collect, skip } from '../references/collected.js';

const test = (name: string, body: (t: Test) => Promise<void>) => t.test(name, { skip }, body);

test('an ADRP and the ADD after it are one reference', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x0, data
    add x0, x0, :lo12:data
    ret`);
  t.same(lines, [{ does: 'f 4 address', to: 'data (.data+0)', by: '4 ADD_ABS_LO12_NC, 0 ADR_PREL_PG_HI21' }]);
  t.same(unjudged, []);
});

test('a reference is a load, a store or an address, by the completing instruction', async (t) => {
  const { lines } = await collect(`
    adrp x0, data
    ldr x1, [x0, :lo12:data]
    adrp x0, data
    str x1, [x0, :lo12:data]
    adrp x0, data
    prfm pldl1keep, [x0, :lo12:data]
    adrp x0, data
    ldrb w1, [x0, :lo12:data]
    ret`);
  t.same(
    lines.map(({ does }) => does),
    ['f 4 load', 'f 12 store', 'f 20 address', 'f 28 load'],
  );
});

test('an ADRP before a loop is paired with the load inside', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x2, data
    mov x1, #8
    1: ldr x3, [x2, :lo12:data]
    add x0, x0, x3
    subs x1, x1, #1
    b.ne 1b
    ret`);
  t.same(lines, [{ does: 'f 8 load', to: 'data (.data+0)', by: '8 LDST64_ABS_LO12_NC, 0 ADR_PREL_PG_HI21' }]);
  t.same(unjudged, []);
});

test('two ADRPs that reach one load on different paths are one reference', async (t) => {
  const { lines, unjudged } = await collect(`
    cbz x0, 1f
    adrp x2, data
    b 2f
    1: adrp x2, data
    2: ldr x3, [x2, :lo12:data]
    ret`);
  t.equal(lines.length, 1);
  t.equal(lines[0]?.by, '16 LDST64_ABS_LO12_NC, 4 ADR_PREL_PG_HI21, 12 ADR_PREL_PG_HI21');
  t.same(unjudged, []);
});

test('a load through a spilled register is paired with every ADRP of its symbol', async (t) => {
  const { lines, unjudged } = await collect(`
    cbz x0, 1f
    adrp x2, data
    str x2, [sp]
    b 2f
    1: adrp x3, data
    str x3, [sp]
    2: ldr x4, [sp]
    ldr x5, [x4, :lo12:data]
    adrp x6, other
    ret`);
  t.same(
    lines.map(({ by }) => by),
    ['28 LDST64_ABS_LO12_NC, 4 ADR_PREL_PG_HI21, 16 ADR_PREL_PG_HI21'],
  );
  t.match(unjudged, [/^.hyp.text\+32: ADR_PREL_PG_HI21 whose low 12 bits are taken nowhere/]);
});

test('an ADRP with many accesses gives one reference for each target and kind of access', async (t) => {
  // The assembler refers to local symbols by their section's: one symbol, two addends.
  const { lines, unjudged } = await collect(
    `
    adrp x2, first
    ldr x3, [x2, :lo12:first]
    ldr x4, [x2, :lo12:first]
    str x4, [x2, :lo12:first]
    ldr x5, [x2, :lo12:second]
    ret`,
    'first: .quad 0\n second: .quad 0',
  );
  t.same(
    lines.map(({ does, to }) => `${does} ${to}`),
    ['f 4 load first (.data+16)', 'f 12 store first (.data+16)', 'f 16 load second (.data+24)'],
  );
  const all = lines.flatMap(({ by }) => by.split(', '));
  t.equal(all.length, 5);
  t.equal(new Set(all).size, 5, 'each relocation is in one reference');
  t.same(unjudged, []);
});

test('an ADRP is paired through a copy of its register', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x2, data
    mov x9, x2
    mov x2, #0
    ldr x3, [x9, :lo12:data]
    ret`);
  t.equal(lines[0]?.by, '12 LDST64_ABS_LO12_NC, 0 ADR_PREL_PG_HI21');
  t.same(unjudged, []);
});

test('a load through a spilled register is paired by S + A within the function', async (t) => {
  const { lines, unjudged } = await collect(`
    sub sp, sp, #16
    adrp x2, data
    str x2, [sp]
    bl g
    ldr x2, [sp]
    ldr x3, [x2, :lo12:data]
    add sp, sp, #16
    ret
    g: ret`);
  t.same(
    lines.filter(({ does }) => does.includes('load')).map(({ by }) => by),
    ['20 LDST64_ABS_LO12_NC, 4 ADR_PREL_PG_HI21'],
  );
  t.same(unjudged, []);
});

test('an ADRP is not paired with a load in another function', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x2, data
    ret
    .size f, . - f
    .type h, %function
    h: ldr x3, [x2, :lo12:data]
    ret
    .size h, . - h
    f_end:`);
  t.same(lines, []);
  t.same([...unjudged].sort(), [
    '.hyp.text+0: ADR_PREL_PG_HI21 whose low 12 bits are taken nowhere [0 ADR_PREL_PG_HI21]',
    '.hyp.text+8: LDST64_ABS_LO12_NC without the ADRP that it completes [8 LDST64_ABS_LO12_NC]',
  ]);
});

test('a register that is set again is paired with the nearer ADRP', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x2, data
    ldr x3, [x2, :lo12:data]
    adrp x2, other
    ldr x3, [x2, :lo12:other]
    ret`);
  t.same(
    lines.map(({ to, by }) => `${to}: ${by}`),
    [
      'data (.data+0): 4 LDST64_ABS_LO12_NC, 0 ADR_PREL_PG_HI21',
      'other (.data+8): 12 LDST64_ABS_LO12_NC, 8 ADR_PREL_PG_HI21',
    ],
  );
  t.same(unjudged, []);
});

test('a load at another addend than its ADRP is paired, and its addend counts', async (t) => {
  // Members of a structure or behind a section anchor, known to lie in the page of the ADRP.
  const { lines, unjudged } = await collect(`
    adrp x2, data
    ldr x3, [x2, :lo12:data + 8]
    ret`);
  t.same(
    lines.map(({ to, by }) => `${to}: ${by}`),
    ['data (.data+8): 4 LDST64_ABS_LO12_NC, 0 ADR_PREL_PG_HI21'],
  );
  t.same(unjudged, []);
});

test('an ADRP or low half without its partner is reported, with type and place', async (t) => {
  const { lines, unjudged } = await collect(`
    adrp x0, data
    mov x0, #0
    ret
    add x1, x1, :lo12:other
    ret`);
  t.same(lines, []);
  t.same([...unjudged].sort(), [
    '.hyp.text+0: ADR_PREL_PG_HI21 whose low 12 bits are taken nowhere [0 ADR_PREL_PG_HI21]',
    '.hyp.text+12: ADD_ABS_LO12_NC without the ADRP that it completes [12 ADD_ABS_LO12_NC]',
  ]);
});

test('loads through the global offset table refer to the symbol, by all forms', async (t) => {
  const { lines, references, unjudged } = await collect(`
    adrp x0, :got:data
    ldr x0, [x0, :got_lo12:data]
    ldr x1, [x0]
    adrp x2, _GLOBAL_OFFSET_TABLE_
    ldr x3, [x2, #:gotpage_lo15:data]
    ldr x4, [x2, #:gotpage_lo15:other]
    ldr x5, :got:data
    ret`);
  t.same(
    lines.map(({ does, to }) => `${does} ${to}`),
    [
      'f 4 load data (.data+0)',
      'f 16 load data (.data+0)',
      'f 20 load other (.data+8)',
      'f 24 load data (.data+0)',
    ],
  );
  t.ok(references.every(({ throughGot }) => throughGot));
  t.equal(new Set(lines.flatMap(({ by }) => by.split(', '))).size, 6);
  t.same(unjudged, []);
});

test('an ADRP with two relocations is paired once', async (t) => {
  const { lines } = await collect(`
    1: adrp x0, data
    .reloc 1b, R_AARCH64_ADR_PREL_PG_HI21, data
    ldr x1, [x0, :lo12:data]
    ret`);
  t.same(
    lines.map(({ does, by }) => [does, by]),
    [['f 4 load', '4 LDST64_ABS_LO12_NC, 0 ADR_PREL_PG_HI21, 0 ADR_PREL_PG_HI21']],
  );
});
