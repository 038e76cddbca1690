// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What keeps control from a place that only VHE executes: its kind, and the
// instruction that decides.

import t from 'tap';
import { findGates } from '../../lib/flow/gates.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, test, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `test f+8`: the gate of a place; with a second walk that knows less. */
const gatesOf = async (hyp: string, more?: string) => {
  const { withoutVhe, everywhere, name, at } = await walked(hyp, more);
  const gates = findGates(withoutVhe, everywhere());
  return (place: string): string | null => {
    const gate = gates.get(at(place));
    return gate ? `${gate.kind} ${name(gate.at)}${gate.key === null ? '' : ` of ${gate.key}`}` : null;
  };
};

t.test('a test, a static key, an alternative', { skip }, async (t) => {
  const tested = await gatesOf(fun('f', `${test}b.eq 1f\nnop\nbl g\n1: ret`) + fun('g', 'ret'));
  t.equal(tested('f+16'), 'test f+12');
  t.equal(tested('g'), 'test f+12', 'the gate of what is called behind it');
  t.equal(tested('f+24'), null, 'everybody gets there');
  const keyed = await gatesOf(fun('f', `${key('1f')}\nret\n1: bl g\nret`) + fun('g', 'ret'));
  t.equal(keyed('g'), 'key f of cpu_hwcap_keys+0xb0');
  const patched = await gatesOf(fun('f', `${alternative('b 1f', 'nop')}\nbl g\n1: ret`) + fun('g', 'ret'));
  t.equal(patched('g'), 'alternative f');
});

t.test('the last place that is executed, not the first that decides', { skip }, async (t) => {
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

t.test('a call that comes back only where VHE is on', { skip }, async (t) => {
  const gate = await gatesOf(fun('f', 'bl g\nbl h\nret') + fun('g', `${test}b.eq .\nret`) + fun('h', 'ret'));
  t.equal(gate('f+4'), 'call f');
  t.equal(gate('h'), 'call f');
  t.equal(gate('g+16'), 'test g+12');
});

t.test('a pointer that only VHE’s code is, by the alternative that chooses it', { skip }, async (t) => {
  const gate = await gatesOf(
    fun('f', `${alternative('adr x0, g', 'adr x0, h')}\nblr x0\nret`) + fun('g', 'ret') + fun('h', 'ret'),
  );
  t.equal(gate('h'), 'alternative f', 'not the BLR, which everybody executes');
  t.equal(gate('g'), null);
});

t.test('an address that escapes where only VHE gets is behind the same gate', { skip }, async (t) => {
  const gate = await gatesOf(fun('f', `adr x5, g\n${test}b.eq 1f\nstr x5, [x1]\n1: ret`) + fun('g', 'ret'));
  t.equal(gate('g'), 'test f+16');
});
