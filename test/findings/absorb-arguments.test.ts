// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Descriptors whose address is formed only for a call of an instrumentation function.

import t from 'tap';
import type { Use } from '../../lib/code/value-flow.js';
import { absorbArguments } from '../../lib/findings/absorb-arguments.js';
import type { Finding } from '../../lib/findings/finding.js';
import { brokenFinding } from '../../lib/findings/from-judgement.js';
import type { Judgement } from '../../lib/policy/judge.js';
import { type Case, judgementOn } from '../policy/judged.js';

const judge = (one: Case): Promise<Judgement> => judgementOn(one);
const findingOf = (judgement: Judgement): Finding => {
  const finding = brokenFinding(judgement, null);
  if (!finding) throw new Error('the case gives no finding');
  return finding;
};

t.test(
  'an address formed only for an instrumentation call becomes part of that call’s finding',
  async (t) => {
    const call = await judge({ access: 'call', to: '.text', name: '__ubsan_handle_shift', before: [0, 0] });
    const argument = (offset: number, register = 0): Use => ({
      kind: 'argument',
      indexed: false,
      register,
      offset,
    });
    const formed = async (one: Partial<Case>) => {
      const made = await judge({ access: 'address', to: '.data', name: 'descriptor', ...one });
      const { object, section } = call.reference.at;
      return findingOf({ ...made, reference: { ...made.reference, at: { object, section, offset: 0 } } });
    };
    const [inside, elsewhere, read] = [
      await formed({ uses: [argument(8)] }),
      await formed({ uses: [argument(4)] }),
      await formed({ access: 'load', uses: [] }),
    ];
    const found = absorbArguments([inside, findingOf(call), elsewhere, read]);
    t.same(
      found.map(({ claim }) => claim.warning),
      ['hyp-instrumentation', 'hyp-data', 'hyp-data'],
    );
    t.same(found[0]?.absorbed, [inside.judgement]);
    t.same(absorbArguments([inside]), [inside], 'without the call it is a finding of its own');

    const standsBy = async (uses: readonly Use[]) => {
      const one = await formed({ uses });
      return absorbArguments([one, findingOf(call)]).includes(one);
    };
    t.equal(await standsBy([argument(8, 1)]), true, 'the call does not take that register');
    t.equal(
      await standsBy([argument(8, 0), argument(8, 1)]),
      false,
      'a copy in another register makes no difference',
    );
    t.equal(await standsBy([argument(8), argument(12)]), true, 'it is an argument of another call as well');
    t.equal(await standsBy([argument(8), { ...argument(12), kind: 'store' }]), true, 'it is written through');
    t.equal(await standsBy([argument(8), { ...argument(12), kind: 'value' }]), true, 'it is kept as a value');
    t.equal(await standsBy([]), true, 'no use of it is seen');
  },
);
