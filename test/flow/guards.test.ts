// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which functions of the host may guard a call: those that ask whether VHE is on.

import t from 'tap';
import { Capabilities, unknownNumbers } from '../../lib/flow/capability.js';
import { MAX_DEPTH, MAX_HELPER } from '../../lib/flow/contexts.js';
import { Guards } from '../../lib/flow/guards.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, readCode, test, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const variables =
  '.data\n.globl cpu_hwcap_keys, cpu_hwcaps\ncpu_hwcap_keys: .fill 64, 8\ncpu_hwcaps: .quad 0\n';

/** Whether f may guard something. */
const guards = async (host: string): Promise<boolean> => {
  const { space, code, tables, at } = await readCode(fun('hyp', 'ret'), `${host}\n${variables}`);
  const numbers = { ...unknownNumbers, vhe: VHE, always: 9 };
  return new Guards(code, tables, new Capabilities(space, tables, numbers, 'without-vhe')).mayGuard(at('f'));
};

t.test('a key or alternative of VHE, or a load of cpu_hwcaps, may guard', { skip }, async (t) => {
  t.equal(await guards(fun('f', `${key('1f')}\nret\n1: ret`)), true);
  t.equal(await guards(fun('f', `${key('1f').replace('16 * 11', '16 * 12')}\nret\n1: ret`)), false);
  t.equal(await guards(fun('f', `nop\n${alternative('nop', 'ret')}\nret`)), true, 'behind its first word');
  t.equal(
    await guards(fun('f', `${alternative('nop', 'ret').replace('.hword 11', '.hword 12')}\nret`)),
    false,
  );
  t.equal(await guards(fun('f', `${test}ret`)), true);
  t.equal(await guards(fun('f', test.replaceAll('cpu_hwcaps', 'another'))), false);
  t.equal(await guards(fun('f', 'cbz x0, 1f\nnop\n1: ret')), false);
  t.equal(await guards(fun('f', 'ret') + fun('g', `${test}ret`)), false, 'the function behind it');
  t.equal(await guards(fun('g', `${test}ret`) + fun('f', 'ret')), false, 'the one in front of it');
});

t.test('a function may guard by what a small helper asks, MAX_DEPTH calls deep', { skip }, async (t) => {
  const chain = (depth: number) =>
    Array.from({ length: depth }, (_, index) => fun(`d${index}`, `bl d${index + 1}\nret`)).join('') +
    fun(`d${depth}`, `${test}ret`);
  t.equal(await guards(fun('f', 'bl d0\nret') + chain(0)), true);
  t.equal(await guards(fun('f', 'b d0') + chain(0)), true);
  t.equal(await guards(fun('f', 'bl d0\nret') + chain(MAX_DEPTH - 1)), true);
  t.equal(await guards(fun('f', 'bl d0\nret') + chain(MAX_DEPTH)), false);
  const large = (bytes: number) => fun('g', `${test}ret\n.fill ${bytes / 4 - 4}, 4, 0xd503201f`);
  t.equal(await guards(fun('f', 'bl g\nret') + large(MAX_HELPER)), true);
  t.equal(await guards(fun('f', 'bl g\nret') + large(MAX_HELPER + 4)), false);
  t.equal(await guards(fun('f', 'bl g + 4\nret') + large(MAX_HELPER)), false, 'a call into its middle');
  t.equal(
    await guards(`.globl g\n${fun('f', 'bl g\nret')}${fun('g', `${test}ret`)}`),
    true,
    'a relocated call',
  );
});

t.test('in a recursion a function guards if any of its members asks', { skip }, async (t) => {
  t.equal(await guards(fun('f', 'bl g\nret') + fun('g', 'bl f\nret')), false);
  t.equal(await guards(fun('f', 'bl g\nret') + fun('g', `bl f\n${test}ret`)), true);
});
