// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One step from an address: which words are executed there, as built or as
// patched, and where control goes.

import t from 'tap';
import { Capabilities, type Machines, unknownNumbers } from '../../lib/flow/capability.js';
import { Effort } from '../../lib/flow/effort.js';
import { LabelTables } from '../../lib/flow/label-tables.js';
import { RegisterSummaries } from '../../lib/flow/register-summary.js';
import { nothingKnown, type State, valueIn } from '../../lib/flow/state.js';
import { Stepper } from '../../lib/flow/step.js';
import { constantOf, makePlaces, sitesOf } from '../../lib/flow/values.js';
import { without } from '../support/tools.js';
import { atMost, having, number, place } from './interpreted.js';
import { alternative, fun, key, readCode, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `go f+8, call g; f`: what one step does, and which words it executes if the place is patched. */
const stepper = async (hyp: string, more = '', machines: Machines = 'without-vhe') => {
  const { space, code, tables, at, name: nameOf } = await readCode(hyp, more);
  // Replacement code has no symbol.
  const name = (address: number): string => nameOf(address).replace('?', 'new');
  const numbers = { ...unknownNumbers, vhe: VHE, always: 9 };
  const labels = new LabelTables(
    space,
    more.includes('labels:')
      ? [0, 8].map((slot) => ({ at: at('labels') + slot, target: at('f') + slot }))
      : [],
  );
  const one = new Stepper(
    code,
    tables,
    new Capabilities(space, tables, numbers, machines),
    new RegisterSummaries(code, tables, new Effort(code.space.image)),
    labels,
  );
  const lost: string[] = [];
  const step = (from: string, state: State = nothingKnown) =>
    one.at(at(from), state, { used: () => {}, lost: ({ target }) => lost.push(name(target)) });
  const told = (from: string, state?: State): string => {
    const { transfers, executed } = step(from, state);
    const ways = transfers.map((one) => ('to' in one ? `${one.kind} ${name(one.to ?? -1)}` : one.kind));
    return `${ways.join(', ')}${executed === null ? '' : `; ${executed.map(name).join(' ')}`}`;
  };
  /** The register behind the first way that control goes. */
  const value = (from: string, register: number, state?: State) => {
    const { transfers } = step(from, state);
    return valueIn(transfers[0]?.state ?? nothingKnown, register);
  };
  return { step, told, value, at, name, lost };
};

/** An alternative of a capability; bit 15: a callback; `length` of the replacement, 0 for a callback of older kernels. */
const patched = (capability: number, old: string, replacement: string, length?: number): string =>
  alternative(old, replacement)
    .replace(`.hword ${VHE}`, `.hword ${capability}`)
    .replace(/, 78b - 77b\n/, `, ${length ?? '78b - 77b'}\n`);

t.test('an instruction that is not patched is executed as built', { skip }, async (t) => {
  const { told } = await stepper(fun('f', 'nop\nbl f\ncbz x0, f\nret'));
  t.equal(told('f'), 'go f+4');
  t.equal(told('f+4'), 'call f');
  t.equal(told('f+8'), 'go f, go f+12');
  t.equal(told('f+12'), 'return');
});

t.test('a static key’s site branches as the key says, whatever word was built in', { skip }, async (t) => {
  const body = `${key('1f')}\nret\n1: nop\nret`;
  t.equal((await stepper(fun('f', body))).told('f'), 'go f+4; f', 'VHE is off');
  t.equal((await stepper(fun('f', body), '', 'any')).told('f'), 'go f+8, go f+4; f', 'either');
  const inverted = body.replace('cpu_hwcap_keys + ', 'cpu_hwcap_keys + 1 + ');
  t.equal((await stepper(fun('f', inverted))).told('f'), 'go f+8; f', 'a branch while the key is off');
  const branch = body.replace('77: nop', '77: b 1f');
  t.equal((await stepper(fun('f', branch))).told('f'), 'go f+4; f', 'built as a branch');
  const on = body.replace(`16 * ${VHE}`, '16 * 9');
  t.equal((await stepper(fun('f', on))).told('f'), 'go f+8; f', 'a capability that all have');
});

t.test('an alternative is the old code, the replacement, or either', { skip }, async (t) => {
  const of = (capability: number) => fun('f', `${patched(capability, 'nop', 'ret')}\nbrk #1`);
  t.equal((await stepper(of(VHE))).told('f'), 'go f+4; f', 'VHE is off');
  t.equal((await stepper(of(9))).told('f'), 'return; new', 'all have it');
  t.equal((await stepper(of(12))).told('f'), 'go f+4, return; f new', 'some have it');
  t.equal((await stepper(of(VHE), '', 'any')).told('f'), 'go f+4, return; f new');
});

t.test('a branch within replacement code goes to the matching place in the old code', { skip }, async (t) => {
  const long = patched(9, 'nop\nnop\nnop', 'b 81f\n80: b 80b\n81: cbz x0, 82f\n82:').replace(
    /78b - 77b/g,
    '12',
  );
  const { told } = await stepper(fun('f', `${long}\nret`));
  t.match(told('f'), /^go f\+8;/);
  t.match(told('f+4'), /^go f\+4;/);
  t.match(told('f+8'), /^go f\+12, go f\+12;/, 'to its end: behind the old code');
  const back = await stepper(fun('f', `${patched(9, 'nop\nnop', 'nop\nb 79b')}\nret`));
  t.match(back.told('f+4'), /^go f;/, 'to its start: the start of the old code');
  const { step } = await stepper(fun('f', `${patched(9, 'nop', 'b . - 4')}\nret`));
  const { transfers, executed } = step('f');
  t.match(transfers, [{ to: (executed?.[0] ?? 0) - 4 }], 'to anywhere else: as it is');
});

t.test('an address carries the patched instruction that brought it, if any', { skip }, async (t) => {
  const { value, at } = await stepper(
    fun('f', `${patched(9, 'nop', 'adr x0, 79b')}\nadr x0, f\nret`) + fun('g', 'ret'),
  );
  t.same(
    sitesOf(value('f', 0)).map(({ via }) => via),
    [at('f')],
  );
  t.same(
    sitesOf(value('f+4', 0)).map(({ via }) => via),
    [null],
  );
});

t.test('behind a callback, registers that the old code could change are unknown', { skip }, async (t) => {
  const all = having(Object.fromEntries([0, 1, 9, 19, 30].map((register) => [register, number(7)])));
  const kept = async (body: string, from: string) => {
    const { value } = await stepper(fun('f', `${body}\nret`));
    return [0, 1, 9, 19, 30].filter((register) => constantOf(value(from, register, all)) === 7n);
  };
  const both = (old: string, capability = 12) => patched(capability | 0x8000, old, 'nop');
  const steps = async (body: string) => (await stepper(fun('f', `${body}\nret`))).told('f', all);
  t.equal(await steps(both('and x0, x0, #1')), 'go f+4, go f+4; f', 'as built, and as written');
  t.equal(await steps(both('and x0, x0, #1', 9)), 'go f+4, go f+4; f');
  t.equal(await steps(both('and x0, x0, #1', VHE)), 'go f+4; f', 'VHE is off');
  t.equal(
    await steps(patched(5, 'nop', 'nop', 0)),
    'go f+4, go f+4; f',
    'callbacks of older kernels always run',
  );
  const behind = async (old: string, from = 'f') => {
    const { step } = await stepper(fun('f', `${both(old)}\nret`));
    const state = step(from, all).transfers.at(-1)?.state ?? nothingKnown;
    return [0, 1, 9, 19, 30].filter((register) => constantOf(valueIn(state, register)) === 7n);
  };
  t.same(await behind('and x1, x1, #1'), [0, 9, 19, 30]);
  t.same(await behind('and x1, x1, #1\nmovk x9, #2'), [0, 19, 30], 'registers of all the old instructions');
  t.same(await behind('nop'), [19], 'a nop may become a call');
  t.same(await behind('b f'), [19], 'so may a branch');
  t.same(await kept('nop', 'f'), [0, 1, 9, 19, 30]);
});

t.test('an instruction with a fixup also goes on there, with numbers unknown', { skip }, async (t) => {
  const table = '.pushsection __ex_table, "a"\n.long f - ., 1b - .\n.popsection';
  const { told, step, lost } = await stepper(fun('f', `ldr x0, [x1]\nret\n1: ret\n${table}`));
  t.equal(told('f'), 'go f+4, go f+8; f');
  const state = step('f', having({ 2: number(7), 3: place(0x5000) })).transfers[1]?.state ?? nothingKnown;
  t.equal(valueIn(state, 2), null);
  t.equal(sitesOf(valueIn(state, 3)).length, 1, 'an address stays');
  t.same(lost, []);
});

t.test('control does not go on behind BRK in hyp code unless VHE may be on', { skip }, async (t) => {
  const of = async (machines: Machines) => {
    const { told } = await stepper(fun('f', 'brk #1'), fun('g', 'brk #1\nret'), machines);
    return [told('f'), told('g')];
  };
  t.same(await of('without-vhe'), ['', 'go g+4']);
  t.same(await of('without-any'), ['', 'go g+4']);
  t.same((await of('any'))[1], 'go g+4');
  t.match((await of('any'))[0], /^go /);
});

t.test('literals, cpu_hwcaps and tables are known when they are loaded', { skip }, async (t) => {
  const literals = '.balign 8\n1: .quad g\n2: .quad 7\n3: .quad cpu_hwcaps';
  const { value, at, lost } = await stepper(
    `${fun('f', `ldr x0, 1f\nldr w0, 1f\nldr x0, 2f\nldr x1, [x2]\nldr x1, [x2, x3, lsl #3]\nldrb w1, [x2, x3]\nnop\nnop\n${literals}`)}${fun('g', 'ret')}`,
    `.data\n.globl cpu_hwcaps\ncpu_hwcaps: .quad 0, 0\n.section .rodata\n.type labels, %object\nlabels: .quad 0, 0\n.size labels, 16`,
  );
  const literal = makePlaces([{ target: at('g'), at: at('f'), via: null, inexact: false }], false);
  t.same(value('f', 0), literal);
  t.same(sitesOf(value('f+4', 0)), [], 'half of an address');
  t.same(lost, [], 'which does not escape');
  t.equal(value('f+8', 0), null, 'a literal without a relocation');
  const bits = value('f+12', 1, having({ 2: place(at('cpu_hwcaps')) }));
  t.equal(bits?.kind === 'bits' && (bits.zeros >> BigInt(VHE)) & 1n, 1n, 'VHE is off');
  t.equal(value('f+12', 1, having({ 2: place(at('cpu_hwcaps') + 0x10000) })), null);
  const table = having({ 2: place(at('labels')), 3: atMost(1) });
  t.same(
    sitesOf(value('f+16', 1, table)).map(({ target }) => target),
    [at('f'), at('f+8')],
    'a pointer from a table of labels',
  );
  t.match(value('f+20', 1, table), { kind: 'entry', table: at('labels'), count: 2, size: 1 });
});

t.test('a switch by a table of distances goes to each of its arms', { skip }, async (t) => {
  const { told, at, value } = await stepper(
    fun('f', 'ldrh w1, [x2, x3, lsl #1]\nadd x4, x5, w1, sxth #2\nbr x4\n.balign 4\n1: ret\n2: ret\n3: ret'),
    '.section .rodata\n.type distances, %object\ndistances: .hword 1, 2\n.size distances, 4',
  );
  const entry = value('f', 1, having({ 2: place(at('distances')), 3: atMost(1) }));
  const sum = value('f+4', 4, having({ 1: entry, 5: place(at('f+12')) }));
  t.equal(told('f+8', having({ 4: sum })), 'go f+16, go f+20');
});
