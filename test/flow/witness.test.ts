// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The witness of a place: the shortest way from an entry, not from a host function
// if there is another, and the last branch that VHE decides.

import t from 'tap';
import { proceduresByPlace } from '../../lib/flow/gates.js';
import { findWitness } from '../../lib/flow/witness.js';
import { without } from '../support/tools.js';
import { fun, key, test, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `f+4 in f; key g`: the calls that lead to a place, the last first, each in its caller; then the branch. */
const wayTo = async (place: string, hyp: string, more?: string): Promise<string | null> => {
  const analysis = await walked(hyp, more);
  const { name, at, withoutVhe } = analysis;
  const witness = findWitness(analysis, proceduresByPlace(withoutVhe), at(place));
  if (!witness) return null;
  const calls = witness.calls.map((call) => `${name(call.at)} in ${name(call.caller.entry)}`);
  return [...calls, ...(witness.branch ? [`${witness.branch.kind} ${name(witness.branch.at)}`] : [])].join(
    '; ',
  );
};

t.test('the shortest way is given, its last call first', { skip }, async (t) => {
  const hyp =
    fun('f', 'bl g\nbl h\nret') + fun('g', 'bl h\nret') + fun('h', 'bl i\nret') + fun('i', 'nop\nret');
  t.equal(await wayTo('i', hyp), 'h in h; f+4 in f');
  t.equal(await wayTo('f+4', hyp), '', 'a place in the entry');
});

t.test('a way from a direct call by the host is given only if there is no other', { skip }, async (t) => {
  const hyp = fun('f', 'bl e\nret') + fun('e', 'bl g\nret') + fun('g', 'nop\nret');
  const host = '.globl host\n.type host, %function\nhost: bl g\nret\n.size host, . - host\n';
  t.equal(await wayTo('g', hyp, `${host}.data\n.quad f`), 'e in e; f in f');
  t.equal(await wayTo('g', hyp, host), 'host in host');
});

t.test('the witness has the last test or key of VHE on the way in the function', { skip }, async (t) => {
  t.equal(await wayTo('f+20', fun('f', `${test}b.eq 1f\nret\n1: nop\nret`)), 'test f+12');
  t.equal(await wayTo('f+4', fun('f', `${key('1f')}\nnop\n1: ret`)), 'key f');
  t.equal(await wayTo('f', fun('f', `nop\n${test}b.eq 1f\nret\n1: ret`)), '', 'a place in front of the test');
  t.equal(await wayTo('f+8', fun('f', 'cbz x0, 1f\nret\n1: nop\nret')), '', 'VHE does not decide this');
});

t.test('a place that nothing reaches has no witness', { skip }, async (t) => {
  t.equal(await wayTo('g', fun('f', 'ret') + fun('g', 'ret')), null);
});
