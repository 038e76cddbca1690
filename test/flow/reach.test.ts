// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether a reference is live, by which of its instructions, and the gate that
// leaves it out if it is not.

import t from 'tap';
import { type CapabilityNumbers, unknownNumbers } from '../../lib/flow/capability.js';
import { Flow, type Reach } from '../../lib/flow/reach.js';
import { noFacts } from '../../lib/policy/hyp-map.js';
import { policiesFor } from '../../lib/policy/policy.js';
import { judgementsOf } from '../support/judged.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, readCode, test, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const host = `.globl host, data\n${fun('host', 'ret')}.data\n.balign 8\ndata: .quad 0\n`;
const entered = `${host}.quad f\n`;

/** The reach of each reference to a name, as text. */
const flowOf = async (
  hyp: string,
  more = entered,
  numbers: CapabilityNumbers = { ...unknownNumbers, vhe: VHE },
) => {
  const { image, space, at, name } = await readCode(hyp, more);
  const flow = new Flow(image, [], { numbers, isComplete: true });
  const { policy } = policiesFor(image, noFacts);
  const judgements = image.objects.flatMap((object) => judgementsOf(image, object, policy));
  const nameOf = (place: { readonly offset: number } | null) =>
    place && name(space.addressOf(place as Parameters<typeof space.addressOf>[0])).replace('?', 'new');
  const tell = (reach: Reach): string => {
    if (reach.kind === 'live') return `live${reach.at ? ` at ${nameOf(reach.at)}` : ''}`;
    const { kind, gate } = reach.why();
    return gate ? `${kind}: ${gate.kind} ${nameOf(gate.place)}` : kind;
  };
  const reaches = (to: string): readonly Reach[] =>
    judgements.filter(({ target }) => target.name === to).map((one) => flow.reachOf(one));
  return {
    flow,
    nameOf,
    reaches,
    told: (to: string) => reaches(to).map(tell).join(', '),
    place: (of: string) => {
      const found = space.placeOf(at(of));
      if (!found) throw new Error(of);
      return found;
    },
  };
};

const told = async (to: string, ...args: Parameters<typeof flowOf>): Promise<string> =>
  (await flowOf(...args)).told(to);

t.test('a reference is live, only VHE’s behind a test or key of VHE, or dead', { skip }, async (t) => {
  t.equal(await told('host', fun('f', 'bl host\nret')), 'live');
  t.equal(await told('host', fun('f', `${test}b.eq 1f\nbl host\n1: ret`)), 'vhe-only: test f+12');
  t.equal(await told('host', fun('f', `${key('1f')}\nret\n1: bl host\nret`)), 'vhe-only: key f');
  t.equal(await told('host', fun('f', 'ret') + fun('g', 'bl host\nret')), 'dead');
  // The register of a vector has the number of another one, into which nothing is loaded.
  const vector = 'ldr d0, 2f\nfmov x1, d0\nbr x1\n.balign 8\n2: .quad g';
  t.equal(await told('host', fun('f', vector) + fun('g', 'bl host\nret')), 'live', 'a vector register');
  const ready = key('1f').replace(/cpu_hwcap_keys.*? - /, 'arm64_const_caps_ready - ');
  t.equal(
    await told('host', fun('f', `${ready}\nbl host\n1: ret`)),
    'dead: key f',
    'settled before KVM runs',
  );
});

t.test('a reference in replacement code is live if the alternative may apply', { skip }, async (t) => {
  const of = (old: string, replacement: string) => fun('f', `nop\n${alternative(old, replacement)}\nret`);
  t.equal(await told('host', of('nop', 'bl host')), 'vhe-only: alternative f+4');
  t.equal(await told('host', of('bl host', 'nop')), 'live');
  const some = alternative('nop', 'bl host').replace('.hword 11', '.hword 12');
  t.equal(await told('host', fun('f', `${some}\nret`)), 'live');
});

t.test('an address is live if it is used, or if it is formed and never used', { skip }, async (t) => {
  const formed = 'adrp x5, data\nadd x5, x5, :lo12:data\n';
  t.equal(await told('data', fun('f', `${formed}ldr x1, [x5]\nret`)), 'live');
  t.equal(
    await told('data', fun('f', `${formed}${test}b.eq 1f\nldr x1, [x5]\n1: ret`)),
    'vhe-only',
    'all form it, VHE alone uses it',
  );
  t.equal(await told('data', fun('f', `${formed}mov x5, #0\nret`)), 'live', 'formed, and used by no machine');
  t.equal(
    await told('data', fun('f', 'ret') + fun('g', `${formed}mov x5, #0\nret`)),
    'dead',
    'not formed either',
  );
  const loads = `adrp x5, data\n${test}b.eq 1f\nldr x1, [x5, :lo12:data]\nret\n1: `;
  t.equal(await told('data', fun('f', `${loads}ret`)), 'vhe-only: test f+16', 'a load that completes it');
  t.equal(
    await told('data', fun('f', `${loads}ldr x1, [x5, :lo12:data]\nret`)),
    'live at f+28',
    'the second of two loads',
  );
  t.equal(await told('data', fun('f', 'adrp x5, data\nprfm pldl1keep, [x5, :lo12:data]\nret')), 'live');
  for (const [page, completing] of [
    ['data', 'prfm pldl1keep, [x5, :lo12:data]'],
    [':got:data', 'ldr x5, [x5, :got_lo12:data]'],
  ])
    t.equal(
      await told('data', fun('f', `adrp x5, ${page}\n${test}b.eq 1f\n${completing}\n1: ret`)),
      'vhe-only: test f+16',
      'ADRP alone does not count',
    );
});

t.test('an address of constant data is live where it is stored to', { skip }, async (t) => {
  const constant = '.section .rodata\n.globl constant\n.balign 8\nconstant: .quad 0\n.data\n.quad f\n';
  const formed = 'adrp x5, constant\nadd x5, x5, :lo12:constant\n';
  const store = (body: string) => told('constant', fun('f', `${formed}${body}`), constant);
  t.equal(await store('str x1, [x5]\nret'), 'live at f+8', 'the store');
  t.equal(await store(`${test}b.eq 1f\nstr x1, [x5]\n1: ret`), 'vhe-only: test f+20');
  t.equal(
    await store(`${test}b.eq 1f\nstr x1, [x5]\nret\n1: str x2, [x5]\nret`),
    'live at f+32',
    'one of two',
  );
  const mixed = `${test}b.eq 1f\nmov x5, x4\n1: str x1, [x5]\nret`;
  t.equal(await store(mixed), 'live at f+28');
  const other = `adr x6, f\n${test}b.eq 1f\nmov x6, x5\n1: mov x5, #0\nstr x1, [x6]\nret`;
  t.equal(await store(other), 'vhe-only', 'all store, those without VHE to f');
  const patched = (old: string, replacement: string) =>
    told('constant', fun('f', `nop\n${alternative(old, replacement)}\nret`), constant);
  const all = 'adrp x5, constant\nadd x5, x5, :lo12:constant\nstr x1, [x5]';
  t.equal(await patched('nop\nnop\nnop', all), 'vhe-only: alternative f+12', 'the store in the replacement');
  t.equal(await patched(all, 'nop\nnop\nnop'), 'live at f+12', 'the store in the old code');
});

t.test('an address of a per-CPU template is live where it is accessed as it is', { skip }, async (t) => {
  const mine =
    '.section .hyp.rodata, "a"\n.quad f\n.section .hyp.data..percpu, "aw"\n.globl mine\nmine: .quad 0\n.data\n.quad f\n';
  const of = (body: string) =>
    told('mine', fun('f', `adrp x5, mine\nadd x5, x5, :lo12:mine\n${body}\nret`), mine);
  t.equal(await of('ldr x1, [x5]'), 'live at f+8');
  t.equal(await of(`${test}b.eq 1f\nldr x1, [x5]\n1: nop`), 'vhe-only: test f+20');
});

t.test('an address that is loaded is live where it is branched to or accessed', { skip }, async (t) => {
  const literal = (body: string) => told('host', fun('f', `${body}\nret\n.balign 8\n2: .quad host`));
  t.equal(await literal(`ldr x10, 2f\n${test}b.eq 1f\nblr x10\n1: nop`), 'vhe-only: test f+16', 'a branch');
  t.equal(
    await literal(`ldr x10, 2f\n${test}b.eq 1f\nldr x0, [x10]\n1: nop`),
    'vhe-only: test f+16',
    'a load',
  );
  t.equal(
    await literal(`ldr x8, 2f\nmov x10, x8\n${test}b.eq 1f\nstr x0, [x10]\n1: nop`),
    'vhe-only: test f+20',
  );
  t.equal(
    await literal(`ldr x10, 2f\n${test}b.eq 1f\nblr x10\nret\n1: nop\nblr x10`),
    'live at f+32',
    'one of two',
  );
  t.equal(
    await literal(`mov x10, x4\n${test}b.eq 1f\nldr x10, 2f\n1: blr x10`),
    'vhe-only',
    'all branch, those without VHE elsewhere',
  );
  // From 5.8 on, replacement code is in the section that it replaces code of.
  const patched = alternative('nop\nnop', 'ldr x10, 2f\nblr x10').replace(
    '.altinstr_replacement, "a"',
    '.hyp.text, 1',
  );
  t.equal(await literal(`nop\n${patched}`), 'vhe-only: alternative f+8', 'where the branch is put');
  t.equal(await literal(`nop\n${patched.replace('.hword 11', '.hword 12')}`), 'live at new');
  const byAddress = (body: string) => literal(`adr x5, 2f\n${body}`);
  t.equal(
    await byAddress('ldr x10, [x5]\nblr x10'),
    'live, live at f+8',
    'the address of the slot, and the address loaded from it',
  );
  t.equal(await byAddress(`${test}b.eq 1f\nldr x10, [x5]\nblr x10\n1: nop`), 'live, vhe-only: test f+16');
  t.equal(
    await byAddress(`mov x10, x4\n${test}b.eq 1f\nldr x10, [x5]\n1: blr x10`),
    'live, vhe-only',
    'all branch, those without VHE elsewhere',
  );
});

t.test('a literal is live where it is loaded, a slot of hyp data always', { skip }, async (t) => {
  const literal = (body: string) => fun('f', `${body}\nret\n.balign 8\n2: .quad host`);
  t.equal(await told('host', literal('ldr x0, 2b\n2:'.replace('2b\n2:', '2f'))), 'live');
  t.equal(await told('host', literal(`${test}b.eq 1f\nldr x0, 2f\n1: nop`)), 'vhe-only: test f+12');
  t.equal(await told('host', literal('ldr x9, 2f\nblr x9')), 'live at f+4', 'at the branch to it');
  t.equal(
    await told('host', fun('f', 'ret') + fun('g', 'ldr x9, 1f\nblr x9\nret\n.balign 8\n1: .quad host')),
    'dead',
  );
  const slot = `${entered}.section .hyp.data, "aw"\n.quad host\n`;
  t.equal(await told('host', fun('f', 'ret'), slot), 'live');
});

t.test('an address that the host forms behind has_vhe() is an entry of VHE only', { skip }, async (t) => {
  const guarded = `.globl outer, f\n${fun('outer', `${test}b.eq 1f\nadrp x0, f\nadd x0, x0, :lo12:f\n1: ret`)}`;
  t.match(await told('host', fun('f', 'bl host\nret'), `${guarded}${host}`), /^vhe-only/);
});

t.test('an address that only an alternative of VHE passes on to its use is VHE’s', { skip }, async (t) => {
  const formed = 'adrp x1, data\nadd x1, x1, :lo12:data\n';
  const chosen = fun(
    'f',
    `${formed}mov x0, #0\n${alternative('nop', 'mov x0, x1')}\nmov x1, #0\nldr x2, [x0]\nret`,
  );
  t.equal(await told('data', chosen), 'vhe-only: alternative f+12');
});

t.test('without VHE’s number, a reference behind a capability is in doubt', { skip }, async (t) => {
  const of = async (hyp: string, numbers?: CapabilityNumbers) =>
    (await flowOf(hyp, entered, numbers))
      .reaches('host')
      .map((one) => one.kind === 'live' && one.isInDoubt());
  const guarded = fun('f', `${test}b.eq 1f\nbl host\n1: ret`);
  t.same(await of(guarded, unknownNumbers), [true]);
  t.same(await of(fun('f', 'bl host\nret'), unknownNumbers), [false]);
  t.same(await of(guarded.replace('#0x800', '#0x1000')), [false], 'behind another capability');
});

t.test('the way to a live reference has its calls and the last branch of VHE', { skip }, async (t) => {
  const { reaches, nameOf } = await flowOf(
    fun('f', `${test}b.eq 1f\nret\n1: bl g\nret`) + fun('g', 'bl host\nret'),
  );
  const [reach] = reaches('host');
  const { steps, branch } = reach?.kind === 'live' ? reach.way() : { steps: [], branch: null };
  t.same(
    steps.map((step) => [step.kind, nameOf(step.at), nameOf(step.caller)]),
    [['call', 'f+20', 'f']],
  );
  t.equal(branch, null, 'g has no branch');
  const own = await flowOf(fun('f', `${test}b.eq 1f\nret\n1: bl host\nret`));
  const [other] = own.reaches('host');
  const way = other?.kind === 'live' ? other.way() : null;
  t.same([way?.steps, way?.branch?.kind, own.nameOf(way?.branch?.place ?? null)], [[], 'test', 'f+12']);
});

/** Data that g executes, and h runs out of its section. */
const strange = `${fun('g', 'cbz x0, h\n.word 0xd503201f, 0xd503201f\nnop\n.word 0xd503201f\nret')}${fun('h', 'nop')}`;

t.test(
  'a table of which the host’s part is unknown makes all live that needs the host',
  { skip },
  async (t) => {
    const odd =
      '.pushsection .altinstructions, "a"\n.long caller - ., caller\n.hword 12\n.byte 4, 4\n.popsection\n';
    const caller = `.globl caller, f\n${fun('caller', `${key('1f')}\nret\n1: b f`)}`;
    const more = `.globl host\n${fun('host', 'ret')}${caller}`;
    const calls = fun('f', 'bl host\nret');
    t.equal(await told('host', calls, more), 'vhe-only: key caller');
    t.equal(await told('host', calls, more + odd), 'live');
    const guarded = fun('f', `${key('1f')}\nret\n1: bl host\nret`);
    const { flow, reaches } = await flowOf(guarded, `${more}${odd}.data\n.quad f\n`);
    t.same(
      reaches('host').map(({ kind }) => kind),
      ['left-out'],
      'not what hyp code alone shows',
    );
    t.same(flow.unknownTables, []);
  },
);

t.test('everything is live if nothing enters hyp code or a patch table is unknown', { skip }, async (t) => {
  const hyp = fun('f', `${test}b.eq 1f\nbl host\n1: ret`);
  const nobody = await flowOf(hyp, host);
  t.equal(nobody.told('host'), 'live');
  t.equal(nobody.flow.isEntered, false);
  t.ok(nobody.flow.isExecuted(nobody.place('f+16'), 20));
  const odd = await flowOf(hyp + strange, `${entered}.quad g\n.section .altinstructions, "a"\n.fill 5`);
  t.equal(odd.told('host'), 'live');
  t.equal(odd.flow.isEntered, true);
  t.same(
    odd.flow.unknownTables.map(({ section }) => section.name),
    ['.altinstructions'],
  );
  t.ok(odd.flow.isExecuted(odd.place('f+16'), 20));
  t.same([odd.flow.executedData, odd.flow.astray], [[], []]);
});

t.test('a range of code is executed if any of its instructions is', { skip }, async (t) => {
  const { flow, place } = await flowOf(fun('f', `${test}b.eq 1f\nbl host\n1: ret`));
  t.equal(flow.vheNumber, VHE);
  t.equal(flow.isEntered, true);
  t.same(flow.unknownTables, []);
  t.equal(flow.isExecuted(place('f+16'), 20), false);
  t.equal(flow.isExecuted(place('f+16'), 24), true, 'with the instruction behind the call');
  t.equal(flow.isExecuted(place('f'), 4), true);
  t.equal(flow.isExecuted(place('f+16'), 1 << 20), true, 'a range beyond the end of the section');
});

t.test('each run of executed data is listed, and where control leaves the section', { skip }, async (t) => {
  const { flow, nameOf } = await flowOf(strange, `${entered}.quad g\n`);
  t.same(flow.executedData.map(nameOf), ['g+4', 'g+16']);
  t.same(flow.astray.map(nameOf), ['h']);
});
