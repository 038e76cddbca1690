// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What each walk executes: on four kinds of machine, and by way of the host's
// functions that lead into hyp code.

import t from 'tap';
import { type CapabilityNumbers, unknownNumbers } from '../../lib/flow/capability.js';
import { MAX_HELPER } from '../../lib/flow/contexts.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, test, VHE, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const known: CapabilityNumbers = { ...unknownNumbers, vhe: VHE };

/** `n-ae`: which places are executed without VHE (n), by any machine (v), without any capability (a), and ever (e). */
const executed = async (
  places: readonly string[],
  ...args: Parameters<typeof walked>
): Promise<readonly string[]> => {
  const { withoutVhe, everywhere, withoutAny, ever, at } = await walked(...args);
  const walks = { n: withoutVhe, v: everywhere(), a: withoutAny(), e: ever() };
  return places.map((place) =>
    Object.entries(walks)
      .map(([letter, walk]) => (walk.executed.has(at(place)) ? letter : '-'))
      .join(''),
  );
};

t.test('code behind a static key is executed where the key may be in that state', { skip }, async (t) => {
  const asks = (label: string, capability: number) => key(label).replace(`16 * ${VHE}`, `16 * ${capability}`);
  const body = `${asks('1f', VHE)}\n${asks('2f', 3)}\n${asks('3f', 5)}\nret\n1: ret\n2: ret\n3: ret`;
  const numbers = { ...known, always: 5 };
  const ofKeys = (hyp: string, of = numbers) =>
    executed(['f+16', 'f+20', 'f+24', 'f+12'], hyp, '.data\n.quad f', { numbers: of });
  t.same(await ofKeys(fun('f', body)), ['-v-e', 'nv-e', 'nvae', '---e'], 'VHE, another, all’s; off');
  t.same(
    await ofKeys(fun('f', body), { ...numbers, needVhe: [3] }),
    ['-v-e', '-v-e', 'nvae', '---e'],
    'a capability with which KVM does not start without VHE is off without VHE',
  );
  t.same(await ofKeys(fun('f', body), { ...unknownNumbers, always: 5 }), ['nv-e', 'nv-e', 'nvae', '---e']);
});

t.test('each walk is made once', { skip }, async (t) => {
  const one = await walked(fun('f', 'ret'));
  for (const walk of [one.everywhere, one.withoutAny, one.ever]) t.equal(walk(), walk());
  t.not(one.everywhere(), one.withoutVhe);
  const other = await walked(fun('f', 'ret'), undefined, { numbers: unknownNumbers });
  t.equal(other.everywhere(), other.withoutVhe, 'without VHE’s number the first walk is of any machine');
});

t.test('hyp code is entered if host data, or code of the host, refers to it', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  const host = (body: string) => `.globl host, f\n${fun('host', body)}`;
  for (const [more, isEntered] of [
    ['.data\n.quad f', true],
    [host('bl f\nret'), true],
    [host('adrp x0, f\nret'), true],
    [host('ret'), false],
  ] as const)
    t.equal((await walked(hyp, more)).ground.isEntered, isEntered, more);
});

t.test('a call from the host is an entry on the machines that execute the call', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  const guarded = `.globl host\n${fun('host', `${test}b.eq 1f\nbl f\n1: ret`)}`;
  t.same(await executed(['f'], hyp, guarded), ['-v-e']);
  t.same(await executed(['f'], hyp, guarded, { isExact: false }), ['-v-e'], 'in the inexact walk too');
  t.same(await executed(['f'], hyp, `.globl host\n${fun('host', 'bl f\nret')}`), ['nvae']);
});

t.test('a hyp address that the host forms is an entry on the machines that form it', { skip }, async (t) => {
  const hyp = `.globl f\n${fun('f', 'ret')}`;
  const host = `.globl host\n${fun('host', `${test}b.eq 1f\nadrp x0, f\nadd x0, x0, :lo12:f\n1: ret`)}`;
  t.same(await executed(['f'], hyp, host), ['-v-e']);
  t.same(await executed(['f'], hyp, host, { isExact: false }), ['nvae']);
  t.same(await executed(['f'], hyp, `${host}.data\n.quad f`), ['nvae'], 'data have the address too');
});

t.test('a call from a host function counts where the function itself is called', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  // Too large to be followed like a helper.
  const inner = fun('inner', `bl f\nret\n.fill ${MAX_HELPER / 4}, 4, 0xd503201f`);
  const outer = (body: string) => `${inner}.globl outer\n${fun('outer', body)}`;
  const inside = outer(`${test}b.eq 1f\nbl inner\n1: ret`);
  t.same(await executed(['f'], hyp, inside), ['-v-e']);
  t.same(await executed(['f'], hyp, inside, { isExact: false }), ['nvae'], 'on all, in the inexact walk');
  t.same(await executed(['f'], hyp, outer(`${key('1f')}\nret\n1: bl inner\nret`)), ['-v-e'], 'behind a key');
  t.same(await executed(['f'], hyp, outer('bl inner\nret')), ['nvae'], 'its caller tests nothing');
  t.same(
    await executed(['f'], hyp, `${outer(`${test}b.eq 1f\nbl inner\n1: ret`)}.data\n.quad inner`),
    ['nvae'],
    'its address lies in data',
  );
  const two = `${fun('middle', 'bl inner\nret')}${outer(`${test}b.eq 1f\nbl middle\n1: ret`)}`;
  t.same(await executed(['f'], hyp, two), ['-v-e'], 'a guard two calls up');
  const label = outer(`${test}b.eq 1f\nlabel: bl inner\n1: ret`);
  t.same(await executed(['f'], hyp, label), ['nvae'], 'a label behind the test, which others may enter');
});

t.test('a host function that hyp code calls is entered if that call is executed', { skip }, async (t) => {
  const hyp = `.globl f\n${fun('f', 'ret')}${fun('caller', 'bl host\nret')}`;
  const host = fun('host', 'bl f\nret');
  t.same(await executed(['f'], hyp, `${host}.data\n.quad caller`), ['nvae']);
  t.same(await executed(['f'], hyp, host), ['----'], 'nothing enters the caller');
});

t.test('the cold part of a function is entered on the machines that branch to it', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  const parted = (branch: string) =>
    `.globl host\n${fun('host', `${test}${branch} host.cold\nret`)}${fun('host.cold', 'bl f\nret')}`;
  t.same(await executed(['f'], hyp, parted('b.ne')), ['-v-e']);
  t.same(await executed(['f'], hyp, parted('b.eq')), ['nvae']);
});

t.test('a call in replacement code of hyp code is no call from the host', { skip }, async (t) => {
  const hyp = `.globl g\n${fun('f', `${alternative('nop', 'bl g')}\nret`)}${fun('g', 'ret')}`;
  t.same(await executed(['g'], hyp, '.data\n.quad f'), ['-v-e']);
  t.same(await executed(['g'], hyp, '.globl host\nhost: ret\n'), ['----'], 'nobody enters f');
});

t.test('hyp code that a host instruction no walk reaches refers to is executed', { skip }, async (t) => {
  // Control comes behind the RET only from somewhere that the walk does not see.
  const behind = (body: string) => `.globl host\n${fun('host', `ret\n${body}\nret`)}`;
  const hyp = fun('f', 'ret');
  for (const isExact of [true, false]) {
    t.same(await executed(['f'], hyp, behind('bl f'), { isExact }), ['nvae'], 'a call of hyp code');
    const { withoutVhe, at } = await walked(hyp, behind('bl f'), { isExact });
    t.notOk(withoutVhe.executed.has(at('host+4')), 'the call itself does not become executed');
  }
  const handsOut = behind('adrp x0, f\nadd x0, x0, :lo12:f').replace('.globl', '.globl f,');
  t.same(await executed(['f'], hyp, handsOut), ['nvae'], 'an address of hyp code');
});

t.test('a host call that some machine reaches at some time counts for that one only', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  const host = (guard: string) => `.globl host\n${fun('host', `${guard}ret\n1: bl f\nret`)}`;
  t.same(await executed(['f'], hyp, host(`${test}b.ne 1f\n`)), ['-v-e'], 'reached with VHE');
  const ready = key('2f').replace(/cpu_hwcap_keys.*? - /, 'arm64_const_caps_ready - ');
  const early = `.globl host\n${fun('host', `${ready}\nbl f\n2: ret`)}`;
  t.same(await executed(['f'], hyp, early), ['---e'], 'reached before KVM runs');
  const halts = `.globl host\n${fun('host', 'bl g\nbl f\nret')}`;
  const never = `.globl f, g\n${hyp}${fun('g', 'b .')}`;
  t.same(await executed(['f', 'g'], never, halts), ['----', 'nvae'], 'g never returns');
});

t.test('a host call that no walk reaches counts if its function is entered', { skip }, async (t) => {
  const hyp = fun('f', 'ret');
  // Too large to be followed like a helper.
  const inner = fun('inner', `bl f\nret\n.fill ${MAX_HELPER / 4}, 4, 0xd503201f`);
  const outer = (body: string) => `${inner}.globl outer\n${fun('outer', body)}`;
  const guard = `${test}b.eq 1f\nnop\n1: ret\n`;
  t.same(await executed(['f'], hyp, outer(`${guard}bl inner\nret`)), ['nvae'], 'behind the RET');
  t.same(
    await executed(['f'], hyp, outer(`${test}b.eq 1f\nbl inner\n1: ret`)),
    ['-v-e'],
    'reached by VHE only',
  );
});
