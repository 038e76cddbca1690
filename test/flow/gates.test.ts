// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The gate of a place that only VHE executes: what keeps others out, and the
// instruction that decides.

import t from 'tap';
import { findGates } from '../../lib/flow/gates.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, test, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `test f+8`: the gate of a place, by the walk without VHE and the walk of any machine. */
const gatesOf = async (hyp: string, more?: string) => {
  const { withoutVhe, everywhere, name, at } = await walked(hyp, more);
  const gates = findGates(withoutVhe, everywhere());
  return (place: string): string | null => {
    const gate = gates.get(at(place));
    return gate ? `${gate.kind} ${name(gate.at)}${gate.key === null ? '' : ` of ${gate.key}`}` : null;
  };
};

t.test('the gate is the test, static key or alternative in front of the code', { skip }, async (t) => {
  const tested = await gatesOf(fun('f', `${test}b.eq 1f\nnop\nbl g\n1: ret`) + fun('g', 'ret'));
  t.equal(tested('f+16'), 'test f+12');
  t.equal(tested('g'), 'test f+12', 'a function that is called behind the test');
  t.equal(tested('f+24'), null, 'code behind both ways');
  const keyed = await gatesOf(fun('f', `${key('1f')}\nret\n1: bl g\nret`) + fun('g', 'ret'));
  t.equal(keyed('g'), 'key f of cpu_hwcap_keys+0xb0');
  const patched = await gatesOf(fun('f', `${alternative('b 1f', 'nop')}\nbl g\n1: ret`) + fun('g', 'ret'));
  t.equal(patched('g'), 'alternative f');
});

t.test('of several gates on the way, the last one that others execute is given', { skip }, async (t) => {
  const { withoutVhe, everywhere, at, name } = await walked(
    fun('f', `${test}b.eq 1f\nbl g\n1: ${test}b.eq 2f\nbl g\n2: ret`) +
      fun('g', 'bl h\nret') +
      fun('h', 'ret'),
  );
  const gates = findGates(withoutVhe, everywhere());
  t.equal(name(gates.get(at('f+36'))?.at ?? 0), 'f+32');
  t.match(name(gates.get(at('h'))?.at ?? 0), /^f\+((12|32))$/);
  t.equal(withoutVhe.executed.has(at('f+20')), true);
});

t.test('a call that returns only where VHE is on is a gate', { skip }, async (t) => {
  const gate = await gatesOf(fun('f', 'bl g\nbl h\nret') + fun('g', `${test}b.eq .\nret`) + fun('h', 'ret'));
  t.equal(gate('f+4'), 'call f');
  t.equal(gate('h'), 'call f');
  t.equal(gate('g+16'), 'test g+12');
});

t.test('the gate of a call by pointer is the alternative that chooses the pointer', { skip }, async (t) => {
  const gate = await gatesOf(
    fun('f', `${alternative('adr x0, g', 'adr x0, h')}\nblr x0\nret`) + fun('g', 'ret') + fun('h', 'ret'),
  );
  t.equal(gate('h'), 'alternative f', 'not the BLR, which all execute');
  t.equal(gate('g'), null);
});

t.test('a function whose address escapes behind a gate has the same gate', { skip }, async (t) => {
  const gate = await gatesOf(fun('f', `adr x5, g\n${test}b.eq 1f\nstr x5, [x1]\n1: ret`) + fun('g', 'ret'));
  t.equal(gate('g'), 'test f+16');
});
