// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the processor may do at one address, whatever is in registers: which words
// it executes, where control goes, which addresses are formed.

import t from 'tap';
import { AddressSet } from '../../lib/code/address-set.js';
import { Capabilities, type Machines, unknownNumbers } from '../../lib/flow/capability.js';
import { PlainStepper } from '../../lib/flow/plain-step.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, readCode, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `executes f, goes g, on`: what is told of an address, and whether control goes on behind it. */
const stepper = async (hyp: string, more = '', machines: Machines = 'without-vhe') => {
  const { space, code, tables, at, name: nameOf } = await readCode(hyp, more);
  // Replacement code has no symbol.
  const name = (address: number): string => nameOf(address).replace('?', 'new');
  const told: string[] = [];
  const numbers = { ...unknownNumbers, vhe: VHE, always: 9 };
  const silent = new AddressSet(space);
  const one = new PlainStepper(code, tables, new Capabilities(space, tables, numbers, machines), silent, {
    executes: (at) => told.push(`executes ${name(at)}`),
    goes: (pc, to) => told.push(`goes ${name(to)} from ${name(pc)}`),
    goesAnywhere: (pc) => told.push(`goes anywhere from ${name(pc)}`),
    forms: (pc, at, target) => told.push(`forms ${name(target)} in ${name(at)} at ${name(pc)}`),
    movesLink: () => told.push('moves x30'),
  });
  return (from: string): string => {
    told.length = 0;
    const goesOn = one.at(at(from));
    return [...told.map((one) => one.replace(` from ${from}`, '')), ...(goesOn ? ['on'] : [])].join(', ');
  };
};

/** What is told of the first instruction of f. */
const toldOf = async (body: string, ...args: [more?: string, machines?: Machines]): Promise<string> =>
  (await stepper(`${fun('f', body)}${fun('g', 'ret')}`, ...args))('f');

/** An alternative of a capability; `length` of the replacement: 0 for callbacks of kernels up to 5.9. */
const patched = (capability: number, old: string, replacement: string, length?: number): string =>
  alternative(old, replacement)
    .replace(`.hword ${VHE}`, `.hword ${capability}`)
    .replace(/, 78b - 77b\n/, `, ${length ?? '78b - 77b'}\n`);

t.test('control goes on, or where a branch leads; a call comes back', { skip }, async (t) => {
  t.equal(await toldOf('add x0, x0, #1'), 'executes f, on');
  t.equal(await toldOf('b f + 8\nnop\nnop'), 'executes f, goes f+8');
  t.equal(await toldOf('b g'), 'executes f, goes g');
  for (const branch of ['b.eq f + 8', 'cbz x0, f + 8', 'tbnz x0, #3, f + 8'])
    t.equal(await toldOf(`${branch}\nnop\nnop`), 'executes f, goes f+8, on', branch);
  t.equal(await toldOf('bl g'), 'executes f, goes g, on');
  for (const end of ['ret', 'ret x3', 'eret']) t.equal(await toldOf(end), 'executes f', end);
  for (const on of ['svc #0', 'hvc #0', 'smc #0']) t.equal(await toldOf(on), 'executes f, on', on);
  t.equal(await toldOf('udf #0'), 'executes f', 'an instruction that is undefined');
});

t.test('a branch through a register may go anywhere, a call through one comes back', { skip }, async (t) => {
  t.equal(await toldOf('br x3'), 'executes f, goes anywhere');
  t.equal(await toldOf('blr x3'), 'executes f, on');
});

t.test('a branch with a relocation goes where that says', { skip }, async (t) => {
  const host = '.globl host\nhost: ret';
  t.equal(await toldOf('bl host', host), 'executes f, goes host, on');
  t.equal(await toldOf('b host', host), 'executes f, goes host');
  t.equal(await toldOf('bl elsewhere'), 'executes f, goes elsewhere, on');
});

t.test('a call of what never returns by its name does not come back', { skip }, async (t) => {
  t.equal(await toldOf('bl panic'), 'executes f, goes panic');
  t.equal(await toldOf('bl __hyp_panic'), 'executes f, goes __hyp_panic', 'of another object');
  const hyp = await stepper(
    fun('f', 'bl panic\nbl hyp_panic') + fun('panic', 'ret') + fun('hyp_panic', 'b .'),
  );
  t.equal(hyp('f'), 'executes f, goes panic, on', 'hyp code with the name of a host function');
  t.equal(hyp('f+4'), 'executes f+4, goes hyp_panic');
});

t.test('a static key’s site branches as the key says, whatever word was built in', { skip }, async (t) => {
  const body = `${key('1f')}\nret\n1: nop\nret`;
  t.equal(await toldOf(body), 'executes f, on', 'VHE is off');
  t.equal(await toldOf(body, '', 'any'), 'goes f+8, executes f, on', 'either');
  t.equal(await toldOf(body.replace(`16 * ${VHE}`, '16 * 9')), 'goes f+8, executes f', 'all have it');
  t.equal(await toldOf(body.replace(`16 * ${VHE}`, '16 * 12')), 'goes f+8, executes f, on', 'some have it');
  const inverted = body.replace('cpu_hwcap_keys + ', 'cpu_hwcap_keys + 1 + ');
  t.equal(await toldOf(inverted), 'goes f+8, executes f', 'a branch while VHE’s is off');
  t.equal(await toldOf(body.replace('77: nop', '77: b 1f')), 'executes f, on', 'built as a branch');
});

t.test('an alternative is the old code, the replacement, or either', { skip }, async (t) => {
  const of = (capability: number, ...args: [more?: string, machines?: Machines]) =>
    toldOf(`${patched(capability, 'bl g', 'ret')}\nbrk #1`, ...args);
  t.equal(await of(VHE), 'executes f, goes g, on', 'VHE is off');
  t.equal(await of(9), 'executes new', 'all have it');
  t.equal(await of(12), 'executes f, goes g, executes new, on', 'some have it');
  t.equal(await of(VHE, '', 'any'), 'executes f, goes g, executes new, on');
  t.equal(
    await toldOf(`${patched(12, 'ret', 'ret')}\nbrk #1`),
    'executes f, executes new',
    'neither goes on',
  );
  t.equal(
    await toldOf(`${patched(12, 'ret', 'adr x0, g')}\nret`),
    'executes f, executes new, forms g in new at f, on',
    'an address that the replacement forms',
  );
});

t.test('a branch within replacement code goes to the matching place in the old code', { skip }, async (t) => {
  const long = patched(9, 'nop\nnop\nnop', 'b 81f\n80: b 80b\n81: cbz x0, 82f\n82:').replace(
    /78b - 77b/g,
    '12',
  );
  const told = await stepper(fun('f', `${long}\nret`));
  t.equal(told('f'), 'executes new, goes f+8');
  t.equal(told('f+4'), 'executes new, goes f+4');
  t.equal(told('f+8'), 'executes new, goes f+12, on', 'to its end: behind the old code');
  const back = await stepper(fun('f', `${patched(9, 'nop\nnop', 'nop\nb 79b')}\nret`));
  t.equal(back('f+4'), 'executes new, goes f', 'to its start: the start of the old code');
  const out = await stepper(`${fun('f', `${patched(9, 'nop', 'b g')}\nret`)}${fun('g', 'ret')}`);
  t.equal(out('f'), 'executes new, goes g', 'to another function');
});

t.test('where a static key and an alternative meet, either may be there', { skip }, async (t) => {
  const both = patched(9, key('1f'), 'ret');
  t.equal(await toldOf(`${both}\nbrk #1\n1: ret`), 'executes f, executes new, on');
});

t.test('what a callback of the host writes goes on; the old code may stay', { skip }, async (t) => {
  t.equal(await toldOf(`${patched(0x800c, 'ret', 'nop')}\nret`), 'executes f, on');
  t.equal(await toldOf(`${patched(0x8009, 'b g', 'nop')}\nret`), 'executes f, goes g, on', 'all have it');
  t.equal(await toldOf(`${patched(0x800b, 'b g', 'nop')}\nret`), 'executes f, goes g', 'VHE is off');
  t.equal(await toldOf(`${patched(5, 'b g', 'nop', 0)}\nret`), 'executes f, goes g, on', 'of older kernels');
});

t.test('an instruction with a fixup also goes there', { skip }, async (t) => {
  const table = '.pushsection __ex_table, "a"\n.long f - ., 1b - .\n.popsection';
  t.equal(await toldOf(`ldr x0, [x1]\nret\n1: ret\n${table}`), 'executes f, goes f+8, on');
});

t.test('control does not go on behind BRK in hyp code unless VHE may be on', { skip }, async (t) => {
  const of = async (machines: Machines) => {
    const told = await stepper(fun('f', 'brk #1'), fun('g', 'brk #1\nret'), machines);
    return [told('f'), told('g')];
  };
  t.same(await of('without-vhe'), ['executes f', 'executes g, on']);
  t.same(await of('without-any'), ['executes f', 'executes g, on']);
  for (const machines of ['any', 'any-at-any-time'] as const)
    t.same(await of(machines), ['executes f, on', 'executes g, on'], machines);
});

t.test('the word that completes an address forms it, or loads it', { skip }, async (t) => {
  const told = await stepper(
    `${fun('f', 'adrp x0, data\nadd x0, x0, :lo12:data\nldr x1, [x0, :lo12:data]\nadr x2, g\nadr x3, f + 4\nldr x4, 1f\nldr x5, 2f\nldr x6, 3f\n.inst 0x90000000\nret\n.balign 8\n1: .quad g\n2: .quad 7\n3: .quad data - .')}${fun('g', 'ret')}`,
    '.data\n.globl data\ndata: .quad 0',
  );
  t.equal(told('f'), 'executes f, on', 'ADRP alone: the page of many addresses');
  t.equal(told('f+4'), 'executes f+4, forms data in f+4 at f+4, on');
  t.equal(told('f+8'), 'executes f+8, forms data in f+8 at f+8, on');
  t.equal(told('f+12'), 'executes f+12, forms g in f+12 at f+12, on', 'ADR');
  t.equal(told('f+16'), 'executes f+16, forms f+4 in f+16 at f+16, on', 'without a relocation');
  t.equal(told('f+20'), 'executes f+20, forms g in f+20 at f+20, on', 'the address in a literal');
  t.equal(told('f+24'), 'executes f+24, on', 'a literal that is a number');
  t.equal(told('f+28'), 'executes f+28, on', 'a distance');
  t.equal(told('f+32'), 'executes f+32, on', 'ADRP without a relocation');
});

t.test('an address may be made of a GOT slot, or of parts', { skip }, async (t) => {
  const data = '.data\n.globl data\ndata: .quad 0';
  const told = await stepper(
    fun('f', 'adrp x0, :got:data\nldr x0, [x0, :got_lo12:data]\nmovz x1, #:abs_g3:data\nret'),
    data,
  );
  t.equal(told('f'), 'executes f, on');
  t.equal(told('f+4'), 'executes f+4, forms data in f+4 at f+4, on');
  t.equal(told('f+8'), 'executes f+8, forms data in f+8 at f+8, on');
});

t.test('a return address that is computed is told of, one that is restored is not', { skip }, async (t) => {
  for (const moves of ['add x30, x30, #4', 'sub x30, x30, x1', 'and x30, x1, x2', 'eor x30, x30, x1'])
    t.equal(await toldOf(moves), 'executes f, moves x30, on', moves);
  for (const keeps of ['ldr x30, [sp], #16', 'ldp x29, x30, [sp], #16', 'mov x30, x1', 'add x3, x30, #4'])
    t.equal(await toldOf(keeps), 'executes f, on', keeps);
  const final = await stepper(fun('hyp_panic', 'add x30, x30, #4\neret'));
  t.equal(final('hyp_panic'), 'executes hyp_panic, on', 'in what never returns');
});
