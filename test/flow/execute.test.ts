// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Instructions of which only the registers are known, pairs of loads, and code that
// an alternative’s callback writes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Instruction } from '../../lib/code/instruction.js';
import { executeUnread } from '../../lib/flow/execute.js';
import {
  type Flags,
  nothingKnown,
  unknownEntry,
  valueIn,
  withFlags,
  withStack,
} from '../../lib/flow/state.js';
import { constantOf, sitesOf } from '../../lib/flow/values.js';
import { AT, directions, having, interpret, number, place } from './interpreted.js';

const flags: Flags = { n: true, z: true, c: true, v: true, order: null, compared: null };

t.test('an instruction that is not understood havocs its outputs; its inputs escape', async (t) => {
  const mrs = interpret(0xd53cd040, having({ 0: number(1), 1: number(2) })); // mrs x0, tpidr_el2
  t.equal(mrs.value(0), null);
  t.equal(constantOf(mrs.value(1)), 2n);
  const str = interpret(0xf9000001, having({ 0: place(0x40), 1: place(0x80), 2: place(0xc0) })); // str x1, [x0]
  t.same(
    [...str.lost].sort((a, b) => Number(a) - Number(b)),
    [0x40, 0x80],
  );
  t.equal(sitesOf(str.value(1)).length, 1, 'the address stays in its register');
  t.same(directions(str), ['go 1004']);
});

t.test('an address that MSR writes escapes, as that of vectors if it is VBAR_EL2', async (t) => {
  t.same(interpret(0xd51cc000, having({ 0: place(0x40) })).lost, ['64 as vectors'], 'msr vbar_el2, x0');
  t.same(interpret(0xd51cd040, having({ 0: place(0x40) })).lost, [0x40], 'msr tpidr_el2, x0');
});

t.test('flags stay known unless the instruction changes them', async (t) => {
  const z = (word: number) => interpret(word, withFlags(having({ 5: number(1) }), flags)).after.flags?.z;
  t.equal(z(0xf9000001), true, 'str x1, [x0]');
  t.equal(z(0xd53cd040), true, 'mrs x0, tpidr_el2');
  t.not(z(0xd51b4200), true, 'msr nzcv, x0');
  t.not(z(0xd4000002), true, 'hvc #0');
});

t.test('the address of a relocation that is not understood escapes, low bits alone do not', async (t) => {
  const lost = (kind: 'page-offset' | 'relative' | 'mov-absolute') =>
    interpret(0xf9000001, nothingKnown, { patched: { kind, target: 0x2000 } }).lost;
  t.same(lost('page-offset'), [], 'str x1, [x0, :lo12:f] accesses it');
  t.same(lost('relative'), [0x2000]);
});

t.test('LDP loads two values at the base as it was before both, and writes the base back', async (t) => {
  const around = { load: (address: number) => number(address) };
  const [plain, ownBase, post, pre] = [0xa9400801, 0xa9400400, 0xa8c10801, 0xa9c10801];
  const from = (word: number) => interpret(word, having({ 0: place(0x40) }), { around });
  const pair = from(plain); // ldp x1, x2, [x0]
  t.same([constantOf(pair.value(1)), constantOf(pair.value(2))], [0x40n, 0x48n]);
  const own = from(ownBase); // ldp x0, x1, [x0]
  t.same([constantOf(own.value(0)), constantOf(own.value(1))], [0x40n, 0x48n]);
  const behind = from(post); // ldp x1, x2, [x0], #16
  t.same([constantOf(behind.value(1)), constantOf(behind.value(2))], [0x40n, 0x48n]);
  t.equal(sitesOf(behind.value(0))[0]?.target, 0x50);
  const before = from(pre); // ldp x1, x2, [x0, #16]!
  t.same([constantOf(before.value(1)), constantOf(before.value(2))], [0x50n, 0x58n]);
  t.equal(sitesOf(before.value(0))[0]?.target, 0x50);
});

t.test('code that a callback writes may have changed the registers of the old code, or not', async (t) => {
  const lost: number[] = [];
  const sink = { used: () => {}, lost: ({ target }: { target: number }) => lost.push(target) };
  const nop = new Instruction(0xd503201f, AT, null);
  const str = new Instruction(0xf9000001, AT, null); // str x1, [x0]
  const state = withStack(
    having({ 1: place(0x40), 2: place(0x80), 3: number(3), 4: number(4) }),
    unknownEntry.stack,
  );
  const after = executeUnread(nop, 0b1100, state, sink);
  t.match(valueIn(after, 2), { sites: [{ target: 0x80 }], others: true }, 'an address may still be there');
  t.equal(valueIn(after, 3), null);
  t.equal(constantOf(valueIn(after, 4)), 4n);
  t.same(lost, []);
  t.not(after.stack, null);
  t.equal(executeUnread(nop, (1 << 30) | 1, state, sink).stack, null, 'with x30 written, it may be a call');
  executeUnread(str, 0, state, sink);
  t.same(lost, [0x40], 'inputs of the old instruction escape');
});

/** Registers of a mask. */
const registersIn = (mask: number): readonly number[] =>
  Array.from({ length: 31 }, (_, register) => register).filter((register) => (mask >>> register) & 1);

t.test('each address that a recorded instruction reads is kept, used or lost', async (t) => {
  const target = (register: number): number => 0x10000 + register * 0x100;
  const all = having(
    Object.fromEntries(registersIn(-1).map((register) => [register, place(target(register))])),
  );
  const recorded = readFileSync(join(import.meta.dirname, '../aarch64/recordings/instructions.txt'), 'utf8');
  const words = [...recorded.matchAll(/^ *[0-9a-f]+:\t([0-9a-f]{8})/gm)].map(([, word]) =>
    Number(`0x${word}`),
  );
  t.ok(words.length > 100);
  for (const word of words) {
    const { reads, writes, branch } = new Instruction(word, AT, null);
    // Branches are tested in branch.test.ts.
    if (branch !== null) continue;
    const { after, used, lost } = interpret(word, all);
    const told = new Set([...used, ...lost].map((one) => Number.parseInt(`${one}`, 10)));
    const kept = registersIn(writes).flatMap((register) => sitesOf(valueIn(after, register)));
    const isWhole = (register: number): boolean =>
      told.has(target(register)) || kept.some((site) => site.target >> 8 === target(register) >> 8);
    t.same(
      registersIn(reads).filter((register) => !isWhole(register)),
      [],
      word.toString(16),
    );
  }
});
