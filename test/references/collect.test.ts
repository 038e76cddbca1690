// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t, { type Test } from 'tap';
import { relocationTypes } from '../../lib/aarch64/relocation-types.js';
import { SHF, SHT } from '../../lib/elf/vocabulary.js';
import { buildObject, code, type Item } from '../support/object-builder.js';
import { collect, collectFrom, skip, useTexts } from './collected.js';

const test = (name: string, body: (t: Test) => Promise<void>) => t.test(name, { skip }, body);

test('calls and branches of every form are references, also through section symbols', async (t) => {
  const { lines, unjudged } = await collect(
    `
    bl callee
    b callee
    b.eq callee
    cbz x0, callee
    tbz x0, #1, callee
    bl local
    ret`,
    '.text\n nop\n local: ret',
  );
  t.same(
    lines.map(({ does, to, by }) => `${does} ${to} ${by}`),
    [
      'f 0 call undefined callee 0 CALL26',
      'f 4 jump undefined callee 4 JUMP26',
      'f 8 jump undefined callee 8 CONDBR19',
      'f 12 jump undefined callee 12 CONDBR19',
      'f 16 jump undefined callee 16 TSTBR14',
      'f 20 call local (.text+4) 20 CALL26',
    ],
  );
  t.same(unjudged, []);
});

test('branches within a section have no relocation, and are no references', async (t) => {
  const { lines } = await collect('bl 1f\n b 1f\n 1: ret');
  t.same(lines, []);
});

test('an ADR is a reference, with the uses of its address in the function', async (t) => {
  const { lines, references } = await collect(`
    adr x0, data
    ldr x1, [x0, #8]
    str x1, [x0]
    ldr x1, [x0, x2]
    bl g
    ret
    g: adr x9, data
    blr x9
    ret`);
  t.same(
    lines.map(({ does, to }) => `${does} ${to}`),
    ['f 0 address data (.data+0)', 'g 24 address data (.data+0)'],
  );
  t.same(references.map(useTexts), [['load 4', 'store 8', 'load indexed 12', 'argument 16'], ['branch 28']]);
});

test('uses of an address are followed through copies, until the register is written', async (t) => {
  const { references } = await collect(`
    adrp x0, data
    add x0, x0, :lo12:data
    mov x5, x0
    mov x0, #0
    ldr x1, [x0]
    str x1, [x5, #16]
    mov x5, #0
    str x1, [x5]
    ret`);
  t.same(references.map(useTexts), [['store 20']]);
});

test('a literal belongs to the function that loads it', async (t) => {
  const { lines, references, unjudged } = await collect(
    `
    ret
    .size f, . - f
    .global g
    .type g, %function
    g: ldr x0, =data
    blr x0
    ret
    .size g, . - g
    .global h
    h: ret
    .ltorg
    f_end:`,
  );
  t.same(
    lines.map(({ does, to }) => `${does} ${to}`),
    ['g 4 absolute data (.data+0)'],
    'not to h, the label before the literal pool',
  );
  t.same(references.map(useTexts), [['branch 8']]);
  t.equal(lines[0]?.by, '24 ABS64');
  t.same(unjudged, []);
});

test('a literal that two functions load is counted once', async (t) => {
  const { lines } = await collect(
    `
    ldr x0, 1f
    ret
    .size f, . - f
    .type g, %function
    g: ldr x1, 1f
    ret
    .balign 8
    1: .quad data
    .size g, . - g
    f_end:`,
  );
  t.same(
    lines.map(({ does }) => does),
    ['f 0 absolute', 'g 8 absolute'],
  );
  t.same(
    lines.map(({ by }) => by).filter((by) => by !== ''),
    ['16 ABS64'],
  );
});

test('a slot in code that nothing loads is a slot of data', async (t) => {
  const { references } = await collect('ret\n .balign 8\n .quad data');
  t.same(
    references.map(({ access, isData }) => [access, isData]),
    [['absolute', true]],
  );
});

test('relocated slots of hyp data are references of the data', async (t) => {
  const { lines, references } = await collect(
    'ret',
    `.section .hyp.rodata, "a"
     table: .quad data, other + 8
     .word data - .
     .xword g - .
     .text
     g: ret`,
  );
  t.same(
    lines.map(({ does, to, by }) => `${does} ${to} ${by}`),
    [
      'table 0 absolute data (.data+0) 0 ABS64',
      'table 8 absolute other (.data+16) 8 ABS64',
      'table 16 address data (.data+0) 16 PREL32',
      'table 20 address g (.text+0) 20 PREL64',
    ],
  );
  t.ok(references.every(({ isData }) => isData));
});

test('MOVZ and MOVKs that form one address are one reference', async (t) => {
  const { lines, references, unjudged } = await collect(`
    movz x0, #:abs_g3:data
    movk x0, #:abs_g2_nc:data
    movk x0, #:abs_g1_nc:data
    movk x0, #:abs_g0_nc:data
    ldr x1, [x0]
    movz x2, #:abs_g1:other
    movk x2, #:abs_g0_nc:other
    movz x2, #:prel_g1:data
    movk x2, #:prel_g0_nc:data + 4
    ret`);
  t.same(
    lines.map(({ does, to, by }) => `${does} ${to} ${by.split(', ').length}`),
    ['f 0 absolute data (.data+0) 4', 'f 20 absolute other (.data+8) 2', 'f 28 address data (.data+0) 2'],
  );
  t.same(useTexts(references[0] ?? fail()), ['load 16', 'value 36'], 'a load through it; it is returned');
  t.same(unjudged, []);
});

const fail = (): never => {
  throw new Error('there is no reference');
};

test('an LDR (literal) with a relocation is a load of its target', async (t) => {
  const { lines } = await collect('ldr x0, data\n ldrsw x0, data\n ret');
  t.same(
    lines.map(({ does, by }) => `${does} ${by}`),
    ['f 0 load 0 LD_PREL_LO19', 'f 4 load 4 LD_PREL_LO19'],
  );
});

/** The references of an object whose .hyp.text has these items. */
const built = (items: readonly Item[], more: { relocationType?: number } = {}) =>
  collectFrom(
    buildObject({
      sections: [
        { name: '.hyp.text', flags: code, items, ...more },
        { name: '.data', flags: SHF.ALLOC | SHF.WRITE, items: [{ label: 'data' }, { quad: 0n }] },
      ],
    }),
  );

t.test('an unknown relocation type is reported, with number and place', async (t) => {
  const { lines, unjudged } = await built([
    0xd503201f,
    { word: 0, relocation: { type: 560, to: 'data' } }, // TLSDESC_LD_PREL19
    { word: 0, relocation: { type: 9999, to: 'data' } },
  ]);
  t.same(lines, []);
  t.same(unjudged, [
    '.hyp.text+4: unknown relocation type 560 [4 type 560]',
    '.hyp.text+8: unknown relocation type 9999 [8 type 9999]',
  ]);
});

t.test('relocations without addends are reported', async (t) => {
  const { lines, unjudged } = await built([{ word: 0x94000000, relocation: { type: 283, to: 'data' } }], {
    relocationType: SHT.REL,
  });
  t.same(lines, []);
  t.same(unjudged, [".hyp.text+0: relocations without addends ('.rel.hyp.text') cannot be read []"]);
});

t.test('a relocation outside its section is reported', async (t) => {
  const bytes = buildObject({
    sections: [
      { name: '.hyp.text', flags: code, items: [{ word: 0x94000000, relocation: { type: 283, to: 'x' } }] },
    ],
  });
  const at = Buffer.from(bytes).indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0x1b, 1, 0, 0]));
  t.ok(at > 0, 'the entry is found');
  bytes[at] = 0x40;
  const { lines, unjudged } = await collectFrom(bytes);
  t.same(lines, []);
  t.same(unjudged, ['.hyp.text+64: a relocation lies outside its section [64 CALL26]']);
});

t.test('R_AARCH64_NONE is no reference', async (t) => {
  const { lines, unjudged } = await built([
    {
      word: 0xd503201f,
      relocation: [
        { type: 0, to: 'data' },
        { type: 256, to: 'data' },
      ],
    },
  ]);
  t.same([...lines, ...unjudged], []);
});

t.test('a relocation of any known type is in one reference, or is reported once', async (t) => {
  const types = [...relocationTypes].filter(([, { kind }]) => kind !== 'none');
  const { references, unjudged } = await built(
    types.map(([type]) => ({ word: 0xd503201f, relocation: { type, to: 'data' } })),
  );
  const counted = references.flatMap(({ relocations }) => relocations);
  const sentences = unjudged.flatMap((text) =>
    [...text.matchAll(/\[(\d+) /g)].map((match) => Number(match[1])),
  );
  t.same(
    [...counted.map(({ offset }) => offset), ...sentences].sort((a, b) => a - b),
    types.map((_, index) => index * 4),
  );
});
